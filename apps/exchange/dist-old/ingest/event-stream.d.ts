import { Readable, type Transform } from 'node:stream';
import { type Caller, type Cell, type Logger } from '@govbus/platform';
import { type OnModuleDestroy } from '@nestjs/common';
import { IngestLimits } from './ingest-limits';
import { Publication } from './publication';
/** Most lines that wait for their acknowledgement; what comes behind them is not read. */
export declare const maxWaitingLines = 1000;
/** What a stream makes us hold at most, in bytes: a line, a chunk, its events, and answers not read yet. */
export declare const streamBytes: number;
/** How long a stream may stand still, in milliseconds: no line comes, or its answers are not read. */
export declare const maxIdleMs = 30000;
/** A request whose body is one event a line. */
export type LineRequest = {
    payload: Readable;
    /** What undoes the content encoding, if there is one. */
    decoder?: Transform;
    caller: Caller;
    traceId: string;
    /** Ends the connection of a client that does not read its answers. */
    giveUp: () => void;
    /** Counts what is accepted. */
    accepted?: Cell;
};
/**
 * Publishes a stream of lines and answers each in its order, with memory that does not grow with the stream.
 *
 * Shape: lines go in groups, of what has arrived and at most `maxWaitingLines`: decided, refusals recorded, accepted
 * ones sent and acknowledged, answered; only then is more read. What was answered `accepted` stays so, whatever follows.
 */
export declare class EventStream implements OnModuleDestroy {
    private readonly publication;
    private readonly limits;
    private readonly logger;
    private readonly inputs;
    constructor(publication: Publication, limits: IngestLimits, logger: Logger);
    /** Streams end with what is acknowledged, so that the service need not wait for their clients. */
    onModuleDestroy(): void;
    /**
     * The answers, a line each, and a summary as the last.
     *
     * Errors: while nothing is answered yet, as for a single event; later the summary names the problem instead.
     */
    answers(request: LineRequest): Promise<Readable>;
    private answerLines;
    private groupsOf;
    private outcomeOf;
    private settle;
    private send;
    private rest;
    private problemAfter;
}
//# sourceMappingURL=event-stream.d.ts.map