import { type Caller, Clock } from '@govbus/platform';
import { Datasets } from '../datasets/datasets';
import { PublishDecisions } from './publish-decisions';
/** Longest record key, in bytes of UTF-8: it is the entry of an index. */
export declare const maxKeyBytes = 1024;
/** An event that may go to the bus, with its text there. */
export type AcceptedEvent = {
    id: string;
    source: string;
    dataset: string;
    publisher: string;
    /** ISO 8601, UTC. */
    recordedtime: string;
    text: string;
};
/** What must hold of an event before it goes to the bus: form, dataset, decision, schema; in this order. */
export declare class Acceptance {
    private readonly datasets;
    private readonly decisions;
    private readonly clock;
    constructor(datasets: Datasets, decisions: PublishDecisions, clock: Clock);
    /** The bus event of one parsed JSON value, or the refusal as an error. */
    accept(value: unknown, caller: Caller): Promise<AcceptedEvent>;
}
//# sourceMappingURL=acceptance.d.ts.map