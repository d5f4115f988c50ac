/** The month of a time, its first day as `YYYY-MM-DD` (UTC). */
export declare const periodAt: (time: Date) => string;
/** The month behind a period. */
export declare function periodAfter(period: string): string;
/**
 * The period of a batch: this month, or the newest that one of its datasets has reached, should the clock have gone back.
 *
 * INVARIANT: the periods of a dataset rise with its positions, so that a range of positions lies in few partitions.
 */
export declare const periodOfBatch: (current: string, reached: Iterable<string | null>) => string;
//# sourceMappingURL=ledger-periods.rules.d.ts.map