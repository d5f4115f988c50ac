import { Conflict, Invalid } from '@govbus/contracts';
import { deleteInBatches } from '@govbus/messaging';
import { Injectable } from '@nestjs/common';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { EdgeError } from './problem';

/** What a request answered, to be answered again. */
export type KeptAnswer = { status: number; headers: Record<string, string>; body: unknown };
/** Whose key it is, and for which route: `[key, caller, route]`. */
export type KeyedRequest = readonly [key: string, caller: string, route: string];
type Kept = { digest: Buffer; answer: KeptAnswer | null; finished: boolean };

// Within quotes spaces too, and quotes and backslashes behind a backslash.
const quoted = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\]){1,255})"$/;
const unquoted = /^[\x21-\x7e]{1,255}$/;

/**
 * The key of a request, from its `Idempotency-Key` header; undefined without one.
 *
 * Shape: what an sf-string says; what is none is a key as it stands. So `"a"` and `a` are the same.
 * Errors: `Invalid` `idempotency-key.invalid`.
 * Source: draft-ietf-httpapi-idempotency-key-header-07, section 2; RFC 8941, section 3.3.3. They know no unquoted keys.
 */
export function idempotencyKeyOf(header: unknown): string | undefined {
  if (header === undefined) return undefined;
  const text = typeof header === 'string' ? header : '';
  const key = quoted.exec(text)?.[1]?.replace(/\\(.)/g, '$1') ?? unquoted.exec(text)?.[0];
  if (key === undefined)
    throw new Invalid(
      'idempotency-key.invalid',
      'the idempotency key must be 1 to 255 visible ASCII characters; in quotes spaces as well',
    );
  return key;
}

/** What was answered to requests with an `Idempotency-Key`, for a day. */
@Injectable()
export class IdempotencyKeys {
  constructor(private readonly db: DataSource) {}

  /**
   * The kept answer; undefined when this request is the first (or the first one's process died a minute ago): it then
   * ends with `finish` or `forget`.
   *
   * Errors: `EdgeError` 422 `idempotency-key.reused` when the digest is another; `Conflict` `idempotency-key.in-progress`.
   */
  async claim(request: KeyedRequest, digest: Buffer): Promise<KeptAnswer | undefined> {
    const claimed = await this.db.query<unknown[]>(
      `INSERT INTO idempotency_keys AS k (key, caller, route, digest) VALUES ($1, $2, $3, $4)
       ON CONFLICT (key, caller, route) DO UPDATE SET digest = EXCLUDED.digest, body = NULL, finished = false, created_at = now()
       WHERE k.created_at < now() - CASE WHEN k.finished THEN interval '1 day' ELSE interval '1 minute' END
       RETURNING 1`,
      [...request, digest],
    );
    if (claimed.length > 0) return undefined;
    const [kept] = await this.db.query<Kept[]>(
      'SELECT digest, body AS answer, finished FROM idempotency_keys WHERE (key, caller, route) = ($1, $2, $3)',
      [...request],
    );
    if (kept && !kept.digest.equals(digest))
      throw new EdgeError(422, 'idempotency-key.reused', 'this idempotency key was used with another request');
    if (!kept?.finished || !kept.answer)
      throw new Conflict('idempotency-key.in-progress', 'the first request with this idempotency key still runs');
    return kept.answer;
  }

  /** Keeps the answer, before it goes out. */
  async finish(request: KeyedRequest, answer: KeptAnswer): Promise<void> {
    await this.db.query(
      'UPDATE idempotency_keys SET finished = true, body = $4 WHERE (key, caller, route) = ($1, $2, $3)',
      [...request, JSON.stringify(answer)],
    );
  }

  /** What was refused may be tried again at once. */
  async forget(request: KeyedRequest): Promise<void> {
    await this.db.query('DELETE FROM idempotency_keys WHERE (key, caller, route) = ($1, $2, $3)', [...request]);
  }

  /** Removes keys older than a day, a few thousand at a time; answers how many. */
  async purge(): Promise<number> {
    return deleteInBatches(
      this.db,
      `DELETE FROM idempotency_keys WHERE ctid = ANY(ARRAY(
         SELECT ctid FROM idempotency_keys WHERE created_at < now() - interval '1 day' LIMIT $1))`,
    );
  }
}

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

export class IndexIdempotencyKeys1795000001001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at)');
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX idempotency_keys_by_age');
  }
}
