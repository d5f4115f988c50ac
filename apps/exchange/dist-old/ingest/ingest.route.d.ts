import { Producer } from '@govbus/messaging';
import { Audit, type Logger, TokenVerifier } from '@govbus/platform';
import { type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ExchangeMetrics } from '../operations/exchange-metrics';
import { EventStream } from './event-stream';
import { IngestLimits } from './ingest-limits';
import { Publication } from './publication';
import { RecentAcceptances } from './recent-acceptances';
import { Refusals } from './refusals';
import { RepeatedRequests } from './repeated-requests';
export { BUS_TOPIC } from './outcome';
/** Largest body of a batch, in bytes. */
export declare const maxBatchBytes: number;
/**
 * `POST /v1/events` on Fastify itself, below Nest's guards, pipes and filter, which would halve its throughput
 * (bench B1). It reads top to bottom: token, form, decision, schema, send, receipt.
 */
export declare class IngestRoute implements OnModuleInit {
    private readonly host;
    private readonly tokens;
    private readonly publication;
    private readonly stream;
    private readonly producer;
    private readonly refusals;
    private readonly metrics;
    private readonly limits;
    private readonly recent;
    private readonly repeated;
    private readonly audit;
    private readonly logger;
    private heldBytes;
    private mayTakeLong;
    constructor(host: HttpAdapterHost, tokens: TokenVerifier, publication: Publication, stream: EventStream, producer: Producer, refusals: Refusals, metrics: ExchangeMetrics, limits: IngestLimits, recent: RecentAcceptances, repeated: RepeatedRequests, audit: Audit, logger: Logger);
    onModuleInit(): void;
    private admit;
    private publish;
    private charge;
    private accepted;
    private publishBatch;
    private publishStream;
    /** Answers an error of the request as a whole. */
    private refuse;
    private answer;
}
//# sourceMappingURL=ingest.route.d.ts.map