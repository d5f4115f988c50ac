import { Metrics, Readiness } from '@govbus/platform';
import { type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SseStreams } from '../delivery/sse-streams';
import { Waiters } from '../delivery/waiters';
/** What there is to know of deliveries when somebody asks. All but the open requests is the same in every process. */
export declare class DeliveryMetrics implements OnModuleInit {
    private readonly metrics;
    private readonly readiness;
    private readonly db;
    private readonly waiters;
    private readonly streams;
    constructor(metrics: Metrics, readiness: Readiness, db: DataSource, waiters: Waiters, streams: SseStreams);
    onModuleInit(): void;
    private tellLags;
    private tellSubscriptions;
    private tellRegistry;
    private tellOpen;
}
//# sourceMappingURL=delivery-metrics.d.ts.map