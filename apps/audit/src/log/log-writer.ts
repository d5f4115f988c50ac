import { Invalid } from '@govbus/contracts';
import { isBadData, type RawMessage, SteppedBack } from '@govbus/messaging';
import { LOGGER, type Logger } from '@govbus/platform';
import { leafHash, rootOfRange } from '@govbus/tlog';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { type LogEntry, readEntry, sortOut } from './log-entry.rules';
import { LogKeys } from './log-keys';
import { appendHashes, hashesFrom } from './tiles.sql';

type ReadEntry = LogEntry & { message: RawMessage };
type Unreadable = { message: RawMessage; reason: string };
type Batch = { topic: string; partition: number; messages: RawMessage[]; written?: bigint };

// One writer at a time in the whole deployment: the order of the log is one.
const writerLock = 7_030_203;

/**
 * Appends to the log. Entries, tiles, the signed checkpoint and the Kafka offset are one transaction: a reader never
 * sees a checkpoint without its entries, and a crash leaves no hole (P2).
 */
@Injectable()
export class LogWriter implements OnModuleInit {
  constructor(
    private readonly db: DataSource,
    private readonly keys: LogKeys,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** An empty log has a checkpoint too. */
  async onModuleInit(): Promise<void> {
    const root = await rootOfRange(0, 0, () => Promise.reject(new Error('empty')));
    const checkpoint = this.keys.sign({ size: 0, root });
    await this.db.query('INSERT INTO log_state (size, checkpoint) VALUES (0, $1) ON CONFLICT DO NOTHING', [checkpoint]);
  }

  async nextOffset(topic: string, partition: number): Promise<bigint | undefined> {
    return offsetOf(topic, partition, this.db.manager);
  }

  /** Forgets how far a partition was read: Kafka lost it, and its messages are counted from the beginning again. */
  async startAnew(topic: string, partition: number): Promise<void> {
    await this.db.query('DELETE FROM kafka_offsets WHERE topic = $1 AND partition = $2', [topic, partition]);
  }

  /**
   * May run twice: an entry that is there already is passed over. What the database refuses as data is halved until the
   * one message is found and set aside, so that nothing behind waits. `written` is the offset behind what was written
   * before.
   *
   * Errors: `SteppedBack` when less is stored than that.
   */
  async write(topic: string, partition: number, messages: RawMessage[], written?: bigint): Promise<void> {
    try {
      await this.db.transaction((tx) => this.writeBatch({ topic, partition, messages, written }, tx));
    } catch (error) {
      if (!isBadData(error)) throw error;
      const [only] = messages;
      if (only && messages.length === 1) return this.setAside(topic, partition, only, error);
      const middle = Math.ceil(messages.length / 2);
      await this.write(topic, partition, messages.slice(0, middle), written);
      await this.write(topic, partition, messages.slice(middle), written);
    }
  }

  private async writeBatch({ topic, partition, messages, written }: Batch, tx: EntityManager): Promise<void> {
    await lockLog(tx);
    // What lies between was acknowledged, and would be passed over.
    if (written !== undefined && ((await offsetOf(topic, partition, tx)) ?? 0n) < written) throw new SteppedBack();
    const { entries, unreadable } = readAll(messages);
    const conflicting = await this.append(entries, tx);
    for (const { message } of conflicting)
      unreadable.push({ message, reason: 'the id is that of another entry in the log' });
    await keep(topic, partition, unreadable, tx);
    const last = messages.at(-1);
    if (last) await moveOffset(topic, partition, last.offset + 1n, tx);
    if (unreadable.length > 0) this.logger.warn({ topic, partition, entries: unreadable.length }, 'entries set aside');
  }

  private async setAside(topic: string, partition: number, message: RawMessage, cause: unknown): Promise<void> {
    const reason = `refused by the database: ${sqlState(cause) ?? 'unknown'}`;
    await this.db.transaction(async (tx) => {
      await lockLog(tx);
      await keep(topic, partition, [{ message, reason }], tx);
      await moveOffset(topic, partition, message.offset + 1n, tx);
    });
    this.logger.warn({ topic, partition, offset: message.offset.toString(), reason }, 'entries set aside');
  }

  // Gives back the entries whose id belongs to another one.
  private async append(read: ReadEntry[], tx: EntityManager): Promise<ReadEntry[]> {
    const rows = await tx.query<{ entry_id: string; body: string }[]>(
      'SELECT entry_id, body FROM entries WHERE entry_id = ANY($1::uuid[])',
      [read.map(({ entry }) => entry.entryId)],
    );
    const { fresh, conflicting } = sortOut(read, new Map(rows.map(({ entry_id, body }) => [entry_id, body])));
    if (fresh.length === 0) return conflicting;
    const [state] = await tx.query<{ size: string }[]>('SELECT size FROM log_state FOR UPDATE');
    const size = Number(state?.size ?? 0);
    await insert(size, fresh, tx);
    await appendHashes(
      size,
      fresh.map(({ body }) => leafHash(Buffer.from(body))),
      tx,
    );
    const grown = size + fresh.length;
    const root = await rootOfRange(0, grown, hashesFrom(tx));
    await tx.query('UPDATE log_state SET size = $1, checkpoint = $2', [grown, this.keys.sign({ size: grown, root })]);
    return conflicting;
  }
}

function readAll(messages: RawMessage[]): { entries: ReadEntry[]; unreadable: Unreadable[] } {
  const [entries, unreadable]: [ReadEntry[], Unreadable[]] = [[], []];
  for (const message of messages) {
    try {
      entries.push({ ...readEntry(message.value), message });
    } catch (error) {
      unreadable.push({ message, reason: error instanceof Invalid ? error.message : 'cannot be read' });
    }
  }
  return { entries, unreadable };
}

async function lockLog(tx: EntityManager): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock($1)', [writerLock]);
}

async function keep(topic: string, partition: number, unreadable: Unreadable[], tx: EntityManager): Promise<void> {
  for (const { message, reason } of unreadable)
    await tx.query(
      `INSERT INTO unreadable_entries (topic, partition, "offset", value, reason) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT DO NOTHING`,
      [topic, partition, String(message.offset), message.value, reason],
    );
}

const sqlState = (error: unknown): string | undefined => (error as { code?: string } | null)?.code;

async function offsetOf(topic: string, partition: number, tx: EntityManager): Promise<bigint | undefined> {
  const [row] = await tx.query<{ next_offset: string }[]>(
    'SELECT next_offset FROM kafka_offsets WHERE topic = $1 AND partition = $2',
    [topic, partition],
  );
  return row && BigInt(row.next_offset);
}

async function moveOffset(topic: string, partition: number, next: bigint, tx: EntityManager): Promise<void> {
  await tx.query(
    `INSERT INTO kafka_offsets AS kept (topic, partition, next_offset) VALUES ($1, $2, $3)
     ON CONFLICT (topic, partition) DO UPDATE SET next_offset = GREATEST(kept.next_offset, EXCLUDED.next_offset)`,
    [topic, partition, String(next)],
  );
}

async function insert(first: number, fresh: LogEntry[], tx: EntityManager): Promise<void> {
  const rows = fresh.map(({ entry, body }, i) => ({
    index: first + i,
    entry_id: entry.entryId,
    body,
    time: entry.time,
    action: entry.action,
    outcome: entry.outcome,
    actor_id: entry.actor.id,
    dataset_id: entry.datasetId,
    agreement_id: entry.agreementId,
    subscription_id: entry.subscriptionId,
    subject_keys: entry.subjectKeys ?? [],
  }));
  await tx.query(
    `INSERT INTO entries
     SELECT * FROM jsonb_to_recordset($1::jsonb) AS e(index bigint, entry_id uuid, body text, time timestamptz, action text,
       outcome text, actor_id text, dataset_id text, agreement_id uuid, subscription_id uuid, subject_keys text[])`,
    [JSON.stringify(rows)],
  );
}
