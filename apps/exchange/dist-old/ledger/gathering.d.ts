import type { RawMessage } from '@govbus/messaging';
/** What waits of one partition, in its order. */
export type Part = {
    partition: number;
    messages: RawMessage[];
};
/**
 * Gathers the batches of many partitions into few transactions: at a low rate each partition has a handful of messages,
 * and a transaction costs more than they do (bench `publish`).
 *
 * INVARIANT: `write` never holds two parts of one partition, since a partition's reader waits for its part.
 */
export declare class Gathering {
    private readonly write;
    private waiting;
    private running;
    constructor(write: (parts: Part[]) => Promise<void>);
    /** Resolves when the part is written. Errors: what `write` threw for the parts that it was written with. */
    add(part: Part): Promise<void>;
    private drain;
    private next;
}
//# sourceMappingURL=gathering.d.ts.map