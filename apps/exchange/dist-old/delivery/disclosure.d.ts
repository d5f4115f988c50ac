import type { DeliveredEvent, DeliveryMode } from '@govbus/contracts';
import { Audit, Clock } from '@govbus/platform';
import { DataSource, type EntityManager } from 'typeorm';
import type { AgreementCopy } from '../agreements/agreement.entity';
import { RegistryWatch } from '../agreements/registry-watch';
import { Limits } from '../enforcement/limits';
import { OverScope } from '../enforcement/over-scope';
import { ExchangeMetrics } from '../operations/exchange-metrics';
import type { Subscription } from '../subscriptions/subscription.entity';
import { Keys } from './keys';
import { LedgerBlocks } from './ledger-blocks';
import { Lenses } from './lenses';
import { type Matched, type Source } from './page-reader';
import { ReceiveDecisions, type Receiver } from './receive-decisions';
/** One access: under which agreement, in whose name, how, and what for. */
export type Access = {
    agreementId: string;
    purpose: string;
    mode: DeliveryMode;
    receiver: Receiver;
    operation: 'subscriptions:read' | 'subscriptions:deliver' | 'queries:run' | 'exports:run';
    caseReference?: string;
    /** Records of this area alone; one that is not in the agreement's gives nothing. */
    areaCode?: string;
    subscriptionId?: string;
    exportId?: string;
    /** A further page of an access that was allowed to begin: it counts as no access of its own. */
    isContinued?: boolean;
};
export type DisclosureRequest = {
    subscription: Subscription;
    receiver: Receiver;
    operation: 'subscriptions:read' | 'subscriptions:deliver';
    after: number;
    limit: number;
    /** Bytes after which the page is full; without it, 8 MiB. */
    maxBytes?: number;
    /** The last position to look at; without it, as far as the page reaches. */
    until?: number;
};
/** What was read for an access. */
export type Found = {
    matched: Matched[];
    /** The last position looked at; nothing where positions are not what is gone through. */
    through?: number;
    hasMore: boolean;
    /** Behind which key the next page of the latest records begins. */
    afterKey?: string;
    /** The data subject that was asked about, whether or not there was an answer. */
    askedAbout?: string;
};
export type Page = Omit<Found, 'matched' | 'askedAbout'> & {
    disclosureId?: string;
    agreementVersion: number;
    events: DeliveredEvent[];
    messageKeys: string[];
};
type Work = {
    read: (source: Source, tx: EntityManager) => Promise<Found>;
    /** What else must be in the same transaction. */
    keep?: (page: Page, found: Found, tx: EntityManager) => Promise<void>;
};
/**
 * A page whose record is committed. Whoever sends data takes this type, and only `Disclosed.commit` makes one (P3).
 */
export declare class Disclosed {
    #private;
    private readonly page;
    private constructor();
    static commit(db: DataSource, work: (tx: EntityManager) => Promise<Page>): Promise<Disclosed>;
    /** Present unless there was nothing to record. */
    get disclosureId(): string | undefined;
    /** The version of the terms under which it was decided and read. */
    get agreementVersion(): number;
    get events(): readonly DeliveredEvent[];
    /** For each event of a page for Kafka, the key of its message: equal for the events of one record. */
    get messageKeys(): readonly string[];
    /** The last position looked at, whether or not the lens let it through. */
    get through(): number;
    get hasMore(): boolean;
    /** Behind which key the next page of the latest records begins. Never shown: the lens may not grant it. */
    get afterKey(): string | undefined;
}
/** Decides, reads through the lens and records, in one transaction; what comes out may be sent. */
export declare class Disclosures {
    private readonly db;
    private readonly registry;
    private readonly decisions;
    private readonly lenses;
    private readonly blocks;
    private readonly limits;
    private readonly overScope;
    private readonly metrics;
    private readonly keys;
    private readonly audit;
    private readonly clock;
    constructor(db: DataSource, registry: RegistryWatch, decisions: ReceiveDecisions, lenses: Lenses, blocks: LedgerBlocks, limits: Limits, overScope: OverScope, metrics: ExchangeMetrics, keys: Keys, audit: Audit, clock: Clock);
    /** A page of a subscription. Errors: those of `discloseTo`. */
    disclose(request: DisclosureRequest): Promise<Disclosed>;
    /**
     * What `read` finds for an access. A query leaves its record though it found nothing: that nothing is there was
     * learned, too.
     *
     * Errors: `Forbidden` `decision.denied` with the explanation when the agreement does not allow it at this moment;
     *   `Unavailable` `registry.stale` while it is not sure that the agreement still stands; `Limited`
     *   `agreement.limit-reached` while its limits are used up.
     */
    discloseTo(access: Access, work: Work): Promise<Disclosed>;
    private commit;
    /** The agreement, held until `tx` ends, if it allows the access to begin or to go on. Errors: as `discloseTo`. */
    requireAgreement(access: Access, tx: EntityManager): Promise<AgreementCopy>;
    private record;
    private messageKeysOf;
    private subjectKeysOf;
}
export {};
//# sourceMappingURL=disclosure.d.ts.map