import { type Cell, Metrics } from '@govbus/platform';
/** How events came in. */
export type PublishForm = 'single' | 'batch' | 'stream' | 'inbox';
/** What ingest and delivery count as they go: an addition each. */
export declare class ExchangeMetrics {
    /** Events acknowledged by Kafka. */
    readonly accepted: Record<PublishForm, Cell>;
    private readonly refusals;
    private readonly accesses;
    private readonly attempts;
    constructor(metrics: Metrics);
    /** Events that were refused alike. */
    refused(code: string, events: number): void;
    /** One access, from decision to commit: counted as `disclosed`, `empty`, or with the code of the problem. */
    access<T extends {
        events: readonly object[];
    }>({ mode, operation }: {
        mode: string;
        operation: string;
    }, disclose: () => Promise<T>): Promise<T>;
    /** One page sent to a receiver, or to its topic. */
    attempted(mode: 'webhook' | 'kafka', outcome: string): void;
}
//# sourceMappingURL=exchange-metrics.d.ts.map