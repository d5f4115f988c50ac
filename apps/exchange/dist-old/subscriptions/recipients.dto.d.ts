import { type SubscriptionStatus } from './subscription.rules';
/** A consumer's subscription as the owner of the dataset sees it: who and how far, never where to. */
export declare class RecipientResponse {
    subscriptionId: string;
    agreementId: string;
    consumerDepartment: string;
    purpose: string;
    mode: string;
    status: SubscriptionStatus;
    stopReason?: string;
    ackedPosition: number;
    lag: number;
    delivered: number;
    lastDeliveredAt?: string;
    deadLetters: number;
    isOut: boolean;
}
export declare class RecipientPage {
    items: RecipientResponse[];
    nextCursor?: string;
}
//# sourceMappingURL=recipients.dto.d.ts.map