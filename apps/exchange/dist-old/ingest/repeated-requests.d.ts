import { type Caller, IdempotencyKeys, type KeptAnswer } from '@govbus/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
/** Whether a request has an `Idempotency-Key`: what stands here costs the others nothing. */
export declare const isKeyed: ({ headers }: FastifyRequest) => boolean;
/**
 * `Idempotency-Key` on the hot route: what `@Idempotent` is for the others. A repeated request is answered as the first
 * was, without being published again; one that was refused may be tried again at once.
 */
export declare class RepeatedRequests {
    private readonly keys;
    private readonly claimed;
    constructor(keys: IdempotencyKeys);
    /** The answer that was kept; undefined when this request is the first. Errors: those of `IdempotencyKeys.claim`. */
    claim(request: FastifyRequest, caller: Caller, body: Buffer): Promise<KeptAnswer | undefined>;
    /** Keeps what is answered, before it goes out. */
    keep(request: FastifyRequest, status: number, body: unknown): Promise<void>;
    /** Frees the key of a request that was refused. */
    release(request: FastifyRequest): Promise<void>;
}
/** Answers as the first request was answered. */
export declare const replay: ({ status, body }: KeptAnswer, reply: FastifyReply) => FastifyReply;
//# sourceMappingURL=repeated-requests.d.ts.map