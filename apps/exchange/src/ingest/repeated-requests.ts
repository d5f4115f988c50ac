import { createHash } from 'node:crypto';
import {
  type Caller,
  idempotencyKeyOf,
  IdempotencyKeys,
  type KeptAnswer,
  type KeyedRequest,
  routeOf,
} from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Whether a request has an `Idempotency-Key`: what stands here costs the others nothing. */
export const isKeyed = ({ headers }: FastifyRequest): boolean => headers['idempotency-key'] !== undefined;

/**
 * `Idempotency-Key` on the hot route: what `@Idempotent` is for the others. A repeated request is answered as the first
 * was, without being published again; one that was refused may be tried again at once.
 */
@Injectable()
export class RepeatedRequests {
  private readonly claimed = new WeakMap<FastifyRequest, KeyedRequest>();

  constructor(private readonly keys: IdempotencyKeys) {}

  /** The answer that was kept; undefined when this request is the first. Errors: those of `IdempotencyKeys.claim`. */
  async claim(request: FastifyRequest, caller: Caller, body: Buffer): Promise<KeptAnswer | undefined> {
    const key = idempotencyKeyOf(request.headers['idempotency-key']) ?? '';
    const keyed: KeyedRequest = [key, caller.id, routeOf(request)];
    const kept = await this.keys.claim(keyed, digestOf(request, body));
    if (!kept) this.claimed.set(request, keyed);
    return kept;
  }

  /** Keeps what is answered, before it goes out. */
  async keep(request: FastifyRequest, status: number, body: unknown): Promise<void> {
    const keyed = this.claimed.get(request);
    if (keyed) await this.keys.finish(keyed, { status, headers: {}, body });
  }

  /** Frees the key of a request that was refused. */
  async release(request: FastifyRequest): Promise<void> {
    const keyed = this.claimed.get(request);
    if (keyed) await this.keys.forget(keyed);
  }
}

/** Answers as the first request was answered. */
export const replay = ({ status, body }: KeptAnswer, reply: FastifyReply): FastifyReply =>
  reply.status(status).header('idempotency-replayed', 'true').send(body);

// The body as inflated, and what of the headers makes it another request.
function digestOf({ headers, raw: { rawHeaders } }: FastifyRequest, body: Buffer): Buffer {
  const attributes: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase();
    if (name.startsWith('ce-')) attributes.push(`${name}: ${rawHeaders[i + 1] ?? ''}`);
  }
  const about = JSON.stringify([headers['content-type'] ?? '', headers.prefer ?? '', attributes.sort()]);
  return createHash('sha256').update(about).update(body).digest();
}
