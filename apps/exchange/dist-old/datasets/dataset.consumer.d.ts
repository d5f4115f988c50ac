import { Inbox } from '@govbus/messaging';
/** Channel on which every process of the exchange hears that a dataset changed. */
export declare const DATASETS_CHANGED = "datasets";
export declare class DatasetConsumer {
    private readonly inbox;
    constructor(inbox: Inbox);
    apply(message: unknown): Promise<void>;
}
//# sourceMappingURL=dataset.consumer.d.ts.map