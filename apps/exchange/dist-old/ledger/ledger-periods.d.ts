import { Clock } from '@govbus/platform';
import { DataSource } from 'typeorm';
/** The months of the ledger: each has a partition of `events`, made before anything is written into it. */
export declare class LedgerPeriods {
    private readonly db;
    private readonly clock;
    private ready;
    constructor(db: DataSource, clock: Clock);
    /** The month in which an event stored now belongs, its first day as `YYYY-MM-DD` (UTC); its partition is there. */
    current(): Promise<string>;
    /** Looks again the next time whether the partition is there. */
    forget(): void;
    /** Makes the partitions of this month and the next, unless they are there. */
    prepareAhead(): Promise<void>;
    private prepare;
}
/** The name of a month's partition: `events_2026_11`. */
export declare const partitionOf: (period: string) => string;
//# sourceMappingURL=ledger-periods.d.ts.map