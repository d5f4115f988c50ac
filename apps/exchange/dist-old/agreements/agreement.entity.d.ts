import type { AgreementStatus, TermsV1 } from '@govbus/contracts';
/** Copy of an agreement of the data-catalog, kept by the topic `catalog.registry`. */
export declare class AgreementCopy {
    agreementId: string;
    datasetId: string;
    providerDepartment: string;
    consumerDepartment: string;
    status: AgreementStatus;
    terms: TermsV1;
    /** Why the exchange itself holds it back; whatever newer version arrives takes the hold away. */
    heldFor: string | null;
    version: number;
}
//# sourceMappingURL=agreement.entity.d.ts.map