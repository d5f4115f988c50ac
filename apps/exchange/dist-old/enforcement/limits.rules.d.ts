import { type LimitsV1 } from '@govbus/contracts';
/** What was used under an agreement in the minute and the day (UTC) that run, and in how many seconds they end. */
export type Usage = {
    accesses: number;
    records: number;
    minuteEndsIn: number;
    dayEndsIn: number;
};
/** One access: `accesses` is 0 for a further page of one that was counted before. */
export type Wanted = {
    accesses: 0 | 1;
    records: number;
};
type About = {
    agreementId: string;
    datasetId: string;
    subscriptionId?: string;
    purpose: string;
};
/** Most records that may still be disclosed today; undefined when they are not limited. */
export declare const recordsLeft: (limits: LimitsV1, usage: Usage) => number | undefined;
/**
 * How many of the wanted records may be disclosed: as many as are left of the day.
 *
 * Errors: `Limited` `agreement.limit-reached` when nothing is left of the day or the minute, with the limit, and in how
 *   many seconds there is something again.
 */
export declare function grant(limits: LimitsV1, usage: Usage, wanted: Wanted, about: About): number;
export {};
//# sourceMappingURL=limits.rules.d.ts.map