import { AppConfig } from '../app.config';
/** The deployment's keys and what is derived from them (HKDF-SHA-256, one label for each use). */
export declare class Keys {
    private readonly subjectKey;
    private readonly cursorKey;
    private readonly recordKey;
    private readonly root;
    private readonly subjects;
    constructor(config: AppConfig);
    /** How an audit entry names a data subject: the same person of a dataset is always the same key. */
    subjectOf(datasetId: string, subject: string): string;
    /** Pseudonyms are stable within an agreement and unrelated between agreements. */
    pseudonymKeyOf(agreementId: string): Buffer;
    /** Stands for the key of a record where an agreement does not show it: stable within it, unrelated between two. */
    recordPseudonymOf(agreementId: string, key: string): string;
    /** A position of one subscription's ledger as an opaque text that only this deployment can make. */
    cursorOf(subscriptionId: string, position: number): string;
    /** The position in a cursor; `Invalid` `cursor.invalid` when it is forged or of another subscription. */
    positionIn(cursor: string, subscriptionId: string): number;
    /** A secret as it may be stored: AES-256-GCM, bound to the subscription it belongs to. */
    seal(secret: string, subscriptionId: string): string;
    open(stored: string, subscriptionId: string): string;
    /** A cursor whose holder can neither read it nor use it for anything but `boundTo`. */
    sealCursor(content: string, boundTo: string): string;
    /** What `sealCursor` was given; `Invalid` `cursor.invalid` when it is forged or bound to something else. */
    openCursor(cursor: string, boundTo: string): string;
    /** The signature of a link: whoever has it may follow the link, so it must end with the link. */
    linkSignatureOf(link: string): string;
    isLinkSignature(link: string, signature: string): boolean;
    private encrypt;
    private decrypt;
    private sign;
    private derive;
}
//# sourceMappingURL=keys.d.ts.map