import { Unavailable } from '@govbus/contracts';
import { KafkaBatchServer, ownSession } from '@govbus/messaging';
import { Changes, LOGGER, type Logger } from '@govbus/platform';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import pg from 'pg';
import type { EntityManager } from 'typeorm';
import { AppConfig } from '../app.config';

const registries = ['catalog.registry', 'departments.registry'];
/** Milliseconds after which what this exchange knows of agreements and departments is too old to disclose on (P5). */
const maxAgeMs = 1_000;
const silentMs = 2_000;
/** Clocks of two machines part by less than a millisecond in so long. */
const keptMs = 5_000;

/** What the database's clock said (ms of the epoch), at the latest at `readAt` (`performance.now()`). */
type Reading = { clockMs: number; readAt: number; tookMs: number };
const clock = `(extract(epoch FROM clock_timestamp()) * 1000)::float8 AS "clockMs"`;

/** How old the older of the copies is by the database's clock alone; one that is still to come does not count. */
type Copies = { count: number; ageMs: number | null; isWhole: boolean };
const look = `SELECT count(*)::integer AS count,
    (extract(epoch FROM clock_timestamp() - min(caught_up_at)) * 1000)::float8 AS "ageMs",
    NOT EXISTS (SELECT FROM ledger_rebuilds) AS "isWhole"
  FROM registry_watch WHERE topic = ANY($1) AND caught_up_at <= clock_timestamp()`;

/**
 * Keeps in the database since when the copies of the registries are known to be whole, for all processes of the
 * exchange: a reader of Kafka that has died, or Kafka itself being away, must not let a revoked agreement go on.
 */
@Injectable()
export class RegistryWatch implements OnModuleInit, OnApplicationShutdown {
  private writing = false;
  /** Of the last ones the closest: what is derived from it is too early by as much as it took. */
  private reading: Reading | undefined;
  /** Until when (`performance.now()`) what the database answered last lets pieces begin. */
  private freshUntil = -Infinity;
  private asking: Promise<void> | undefined;
  // A connection of its own: busy readers of one department, who keep the others, must not make it look stale to all.
  private readonly own: pg.Pool;

  constructor(
    config: AppConfig,
    private readonly changes: Changes,
    private readonly server: KafkaBatchServer,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.own = new pg.Pool({ ...ownSession(config.DATABASE_URL, silentMs), max: 1 });
    this.own.on('error', (err) => {
      this.reading = undefined;
      this.logger.warn({ err }, 'connection of the registry watch failed');
    });
  }

  onModuleInit(): void {
    this.server.onCaughtUp((topics, at) => {
      if (!this.writing) void this.note(topics, at);
    });
  }

  /**
   * Errors: `Unavailable` `registry.stale` when the newest decisions may not have arrived here, `ledger.rebuilding` while
   *   the ledger is not whole.
   *
   * Shape: of the copies the database's clock alone is asked, at both ends; a time that is still to come says nothing, as
   * that clock was set back. Departments and principals are known from
   * memory, which may be older than the copies by as long as this process has not heard its database: the two ages add
   * up.
   */
  async requireFresh(tx: EntityManager): Promise<void> {
    const maxCopyAgeMs = maxAgeMs - this.changes.heardAgeMs;
    if (maxCopyAgeMs < 0) throw stale();
    // The ledger in the same question: this is asked for each page.
    const [row] = await tx.query<Copies[]>(look, [registries]);
    if (!row?.isWhole) throw rebuilding();
    if (ageIn(row) >= maxCopyAgeMs) throw stale();
  }

  /**
   * Whether what was decided may still go on in pieces: what `requireFresh` requires, known from memory for as long as
   * the last answer of the database holds, then asked once for all who want to know. No answer means no.
   */
  async isFresh(): Promise<boolean> {
    if (this.holds) return true;
    if (this.changes.heardAgeMs >= maxAgeMs) return false;
    this.asking ??= this.ask().finally(() => (this.asking = undefined));
    await this.asking;
    return this.holds;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.own.end();
  }

  private get holds(): boolean {
    return performance.now() + this.changes.heardAgeMs < this.freshUntil;
  }

  // From when it was asked, not answered: an answer that was long on its way is as much older.
  private async ask(): Promise<void> {
    const askedAt = performance.now();
    try {
      const { rows } = await this.own.query<Copies>(look, [registries]);
      const [row] = rows;
      this.freshUntil = row?.isWhole ? askedAt + maxAgeMs - ageIn(row) : -Infinity;
    } catch (err) {
      this.logger.warn({ err }, 'registry watch not read');
    }
  }

  // The time goes with the statement and is not taken by it: a database that stands still runs the statement afterwards.
  private async note(topics: string[], at: number): Promise<void> {
    this.writing = true;
    try {
      // Also after a while in which nothing was told: meanwhile the clocks have parted.
      if (!this.reading || performance.now() - this.reading.readAt > keptMs)
        this.reading = await this.read(`SELECT ${clock}`);
      const { clockMs, readAt } = this.reading;
      const next = await this.read(
        `INSERT INTO registry_watch AS known (topic, caught_up_at)
         SELECT topic, to_timestamp($2::float8 / 1000) FROM unnest($1::text[]) AS topic ORDER BY topic
         ON CONFLICT (topic) DO UPDATE SET caught_up_at = CASE WHEN known.caught_up_at > clock_timestamp()
           THEN excluded.caught_up_at ELSE greatest(excluded.caught_up_at, known.caught_up_at) END
         RETURNING ${clock}`,
        [topics, clockMs + at - readAt],
      );
      this.reading = closer(this.reading, next);
    } catch (err) {
      // Perhaps the next one is answered by another server, with another clock.
      this.reading = undefined;
      this.logger.warn({ err }, 'registry watch not written');
    } finally {
      this.writing = false;
    }
  }

  private async read(sql: string, values: unknown[] = []): Promise<Reading> {
    const askedAt = performance.now();
    const { rows } = await this.own.query<{ clockMs: number }>(sql, values);
    const readAt = performance.now();
    return { clockMs: rows[0]?.clockMs ?? NaN, readAt, tookMs: readAt - askedAt };
  }
}

/** The closer one, unless the clock was set since. */
function closer(known: Reading, next: Reading): Reading {
  const apartMs = Math.abs(next.clockMs - known.clockMs - (next.readAt - known.readAt));
  const wasSet = apartMs > known.tookMs + next.tookMs;
  return wasSet || next.tookMs <= known.tookMs ? next : known;
}

const ageIn = ({ count, ageMs }: Copies): number => (count === registries.length ? (ageMs ?? Infinity) : Infinity);

export const stale = (): Unavailable =>
  new Unavailable('registry.stale', 'the newest decisions of the catalog may not have arrived here', {
    retryAfterSeconds: 1,
  });
const rebuilding = (): Unavailable =>
  new Unavailable('ledger.rebuilding', 'the ledger is being rebuilt', { retryAfterSeconds: 60 });
