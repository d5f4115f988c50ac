import { type Caller } from '@govbus/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SseStreams } from './sse-streams';
export declare class SseController {
    private readonly streams;
    constructor(streams: SseStreams);
    stream(subscriptionId: string, lastEventId: string | undefined, caller: Caller, request: FastifyRequest, reply: FastifyReply): Promise<void>;
}
//# sourceMappingURL=sse.controller.d.ts.map