import { createHash } from 'node:crypto';
import { Conflict, Invalid } from '@govbus/contracts';
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
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { callerOf } from '../auth/caller';

// What a caller needs of the first answer besides its body.
const keptHeaders = ['etag', 'location'];
type Answer = { status: number; headers: Record<string, string>; body: unknown };
type Kept = { digest: Buffer; answer: Answer | null; finished: boolean };

/**
 * With an `Idempotency-Key` a repeated request answers what the first one answered, for a day.
 *
 * Errors: `Conflict` `idempotency-key.reused` with another body, `idempotency-key.in-progress` while the first runs;
 *   `Invalid` `idempotency-key.invalid`. Source: draft-ietf-httpapi-idempotency-key-header.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(private readonly db: DataSource) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const key = request.headers['idempotency-key'];
    if (key === undefined) return next.handle();
    if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key))
      throw new Invalid('idempotency-key.invalid', 'the idempotency key must be 1 to 255 visible ASCII characters');
    const id = [key, callerOf(request)?.id ?? '', `${request.method} ${request.url}`];
    const digest = createHash('sha256')
      .update(JSON.stringify(request.body ?? null))
      .digest();
    return from(this.claim(id, digest)).pipe(
      switchMap((kept) => {
        if (kept) {
          void reply.status(kept.status).headers(kept.headers).header('idempotency-replayed', 'true');
          return of(kept.body);
        }
        return next.handle().pipe(
          // Only what the handler refused may be tried again at once: after it, the work is done.
          catchError((error: unknown) =>
            from(this.forget(id).catch(() => undefined)).pipe(switchMap(() => throwError(() => error))),
          ),
          concatMap((body: unknown) => from(this.finish(id, answerOf(reply, body)).then(() => body))),
        );
      }),
    );
  }

  // The kept answer, or undefined when this request is the first (or the first one's process died a minute ago).
  private async claim(id: string[], digest: Buffer): Promise<Answer | undefined> {
    const claimed = await this.db.query<unknown[]>(
      `INSERT INTO idempotency_keys AS k (key, caller, route, digest) VALUES ($1, $2, $3, $4)
       ON CONFLICT (key, caller, route) DO UPDATE SET digest = EXCLUDED.digest, body = NULL, finished = false, created_at = now()
       WHERE k.created_at < now() - CASE WHEN k.finished THEN interval '1 day' ELSE interval '1 minute' END
       RETURNING 1`,
      [...id, digest],
    );
    if (claimed.length > 0) return undefined;
    const [kept] = await this.db.query<Kept[]>(
      'SELECT digest, body AS answer, finished FROM idempotency_keys WHERE (key, caller, route) = ($1, $2, $3)',
      id,
    );
    if (kept && !kept.digest.equals(digest))
      throw new Conflict('idempotency-key.reused', 'this idempotency key was used with another request');
    if (!kept?.finished || !kept.answer)
      throw new Conflict('idempotency-key.in-progress', 'the first request with this idempotency key still runs');
    return kept.answer;
  }

  private async finish(id: string[], answer: Answer): Promise<void> {
    await this.db.query(
      'UPDATE idempotency_keys SET finished = true, body = $4 WHERE (key, caller, route) = ($1, $2, $3)',
      [...id, JSON.stringify(answer)],
    );
  }

  private async forget(id: string[]): Promise<void> {
    await this.db.query('DELETE FROM idempotency_keys WHERE (key, caller, route) = ($1, $2, $3)', id);
  }
}

function answerOf(reply: FastifyReply, body: unknown): Answer {
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

export class CreateIdempotencyKeys1795000001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE idempotency_keys (
        key text NOT NULL,
        caller text NOT NULL,
        route text NOT NULL,
        digest bytea NOT NULL,
        body jsonb,
        finished boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (key, caller, route)
      )`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE idempotency_keys');
  }
}
