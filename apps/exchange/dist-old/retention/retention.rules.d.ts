/**
 * Days for which the id of an event is known at least, from when it was recorded: longer than `bus.events` keeps its
 * messages (7 days in `deploy/topics.yaml`), so that what Kafka still holds is never stored a second time.
 */
export declare const idDays = 30;
/** What was recorded before this time may be removed. */
export declare const cutoffOf: (retentionDays: number, now: Date) => Date;
/** What retention asks of a dataset; null: its events stay. */
export type Kept = {
    retentionDays: number | null;
    legalHold: boolean;
};
/** Whether everything that a dataset stored before `end` (the first day behind a period, UTC) may be removed. */
export declare function isPast({ retentionDays, legalHold }: Kept, end: string, now: Date): boolean;
//# sourceMappingURL=retention.rules.d.ts.map