import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { ownSession } from './database-session';
import type { Log } from './log';
import { OUTBOX_CHANNEL } from './outbox';
import type { Producer } from './producer';
import { inSpan } from './span';

type Row = { id: string; topic: string; key: string; value: string };
type RelayOptions = { dataSource: DataSource; producer: Producer; log: Log; pollMs?: number };

const batchSize = 500;
/** Bytes of a batch, but for a row that is larger: records of a registry may have megabytes. */
const batchBytes = 8 * 1024 * 1024;
/** Advisory lock of the process that moves the outbox. Any constant will do: it is a name within the service's database. */
export const relayLock = 7_030_202;
const silentMs = 15_000;
/** At least so long, in ms, from one batch to the next that a notification asks for: a batch costs more than its rows. */
const paceMs = 50;
const headers = { 'content-type': 'application/cloudevents+json' };

/**
 * Moves the outbox to Kafka: one process of a service at a time, oldest rows first, a row deleted when it is
 * acknowledged. A crash between the two sends it again; the consumers' inbox knows it then. What comes after a pause goes
 * at once; of many that come one after the other, those of fifty milliseconds go together (bench `publish`).
 */
export class Relay {
  private stopped = false;
  private running: Promise<void> | undefined;
  private wakeUp: (() => void) | undefined;
  private isWoken = false;
  /** When it last found rows. */
  private foundAt = -Infinity;
  private isLooking = false;
  private hasHeard = false;
  private soon: NodeJS.Timeout | undefined;

  constructor(private readonly options: RelayOptions) {}

  /** Begins in the background; trouble is logged and tried again. */
  start(): Promise<void> {
    this.running ??= this.run();
    return Promise.resolve();
  }

  /** Stops after the batch on its way. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.soon);
    this.wake();
    await this.running;
  }

  /** Looks at the outbox now. */
  wake(): void {
    this.isWoken = true;
    this.wakeUp?.();
  }

  private hear(): void {
    // Whether it goes at once or with what comes next depends on what is being found just now.
    this.hasHeard = this.isLooking;
    if (this.isLooking) return;
    const restMs = this.foundAt + paceMs - performance.now();
    if (restMs <= 0) return this.wake();
    this.soon ??= setTimeout(() => {
      this.soon = undefined;
      this.wake();
    }, restMs);
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const client = new pg.Client(ownSession(urlOf(this.options.dataSource), silentMs));
      client.on('error', () => this.wake());
      try {
        await client.connect();
        await this.lead(client);
      } catch (err) {
        if (!this.stopped) this.options.log('warn', { err }, 'outbox relay interrupted');
        await this.sleep(500);
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  }

  // The lock lives as long as the connection, so a dead leader never blocks the next for long (`sessionOptions`).
  private async lead(client: pg.Client): Promise<void> {
    client.on('notification', () => this.hear());
    await client.query(`LISTEN ${OUTBOX_CHANNEL}`);
    let leads = false;
    while (!this.stopped) {
      leads ||= await tryLock(client);
      const isMore = leads && (await this.moveBatch(client));
      if (!isMore) await this.sleep(leads ? (this.options.pollMs ?? 250) : 1_000);
    }
  }

  // Whether there may be more to move at once.
  private async moveBatch(client: pg.Client): Promise<boolean> {
    const rows = await this.look(client);
    if (rows.length === 0) return false;
    await inSpan('relay batch', { messages: rows.length }, async () => {
      // Publishers, too, fill the queue of the producer: what they leave a record of may not wait until they stop.
      const messages = rows.map(({ topic, key, value }) => ({ topic, key, value, headers }));
      await this.options.producer.sendAll(messages, { isPastBound: true });
      await client.query('DELETE FROM outbox WHERE id = ANY($1::bigint[])', [rows.map(({ id }) => id)]);
    });
    const bytes = rows.reduce((sum, { value }) => sum + Buffer.byteLength(value), 0);
    return rows.length === batchSize || bytes >= batchBytes;
  }

  private async look(client: pg.Client): Promise<Row[]> {
    this.isLooking = true;
    try {
      const { rows } = await client.query<Row>(
        `SELECT id, topic, key, value
           FROM (SELECT *, sum(octet_length(value)) OVER (ORDER BY id) - octet_length(value) AS before
                   FROM (SELECT id, topic, key, value FROM outbox ORDER BY id LIMIT $1) AS oldest) AS measured
          WHERE before < $2 ORDER BY id`,
        [batchSize, batchBytes],
      );
      if (rows.length > 0) this.foundAt = performance.now();
      return rows;
    } finally {
      this.isLooking = false;
      if (this.hasHeard) this.hear();
    }
  }

  private async sleep(ms: number): Promise<void> {
    // What was heard while a batch was on its way counts as well.
    if (!this.stopped && !this.isWoken) {
      const abort = new AbortController();
      await Promise.race([
        pause(ms, undefined, { signal: abort.signal }).catch(() => undefined),
        new Promise<void>((resolve) => (this.wakeUp = resolve)),
      ]);
      abort.abort();
      this.wakeUp = undefined;
    }
    this.isWoken = false;
  }
}

function urlOf({ options }: DataSource): string {
  if (options.type !== 'postgres' || !options.url) throw new Error('the relay needs a PostgreSQL address');
  return options.url;
}
async function tryLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1) AS got', [relayLock]);
  return rows[0]?.got ?? false;
}
