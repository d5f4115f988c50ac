import { createHash } from 'node:crypto';
import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { catchError, concatMap, from, type Observable, of, switchMap, throwError } from 'rxjs';
import { callerOf } from '../auth/caller';
import { idempotencyKeyOf, IdempotencyKeys, type KeptAnswer, type KeyedRequest } from './idempotency-keys';

// What a caller needs of the first answer besides its body.
const keptHeaders = ['etag', 'location'];

/**
 * With an `Idempotency-Key` a repeated request answers what the first one answered, for a day.
 *
 * Errors: those of `idempotencyKeyOf` and `IdempotencyKeys.claim`.
 * Source: draft-ietf-httpapi-idempotency-key-header-07.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(private readonly keys: IdempotencyKeys) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const key = idempotencyKeyOf(request.headers['idempotency-key']);
    if (key === undefined) return next.handle();
    const keyed: KeyedRequest = [key, callerOf(request)?.id ?? '', routeOf(request)];
    const digest = createHash('sha256')
      .update(JSON.stringify(request.body ?? null))
      .digest();
    return from(this.keys.claim(keyed, digest)).pipe(
      switchMap((kept) => {
        if (kept) {
          void reply.status(kept.status).headers(kept.headers).header('idempotency-replayed', 'true');
          return of(kept.body);
        }
        return next.handle().pipe(
          // Only what the handler refused may be tried again at once: after it, the work is done.
          catchError((error: unknown) =>
            from(this.keys.forget(keyed).catch(() => undefined)).pipe(switchMap(() => throwError(() => error))),
          ),
          concatMap((body: unknown) => from(this.keys.finish(keyed, answerOf(reply, body)).then(() => body))),
        );
      }),
    );
  }
}

/** Of a long address the digest alone: the route is part of an index, whose rows take no more than 2.7 kB. */
export function routeOf({ method, url }: FastifyRequest): string {
  return `${method} ${url.length <= 500 ? url : createHash('sha256').update(url).digest('hex')}`;
}

function answerOf(reply: FastifyReply, body: unknown): KeptAnswer {
  const set = keptHeaders.flatMap((name) => {
    const value = reply.getHeader(name);
    return value === undefined ? [] : [[name, String(value)]];
  });
  return { status: reply.statusCode, headers: Object.fromEntries(set) as Record<string, string>, body: body ?? null };
}

/** The route takes an `Idempotency-Key`. Not for answers that hold a secret: the answer is kept. */
export const Idempotent = () =>
  applyDecorators(
    UseInterceptors(IdempotencyInterceptor),
    ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Repeats answer what the first one answered.' }),
  );
