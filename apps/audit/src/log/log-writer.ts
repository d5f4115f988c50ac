import { AuditEntry, type AuditEntryV1, Invalid, parseMessage } from '@govbus/contracts';
import type { RawMessage } from '@govbus/messaging';
import { leafHash, rootOfRange } from '@govbus/tlog';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import canonicalize from 'canonicalize';
import { DataSource, type EntityManager } from 'typeorm';
import { LogKeys } from './log-keys';
import { appendHashes, hashesFrom } from './tiles.sql';

type Read = { entries: { entry: AuditEntryV1; body: string }[]; unreadable: { message: RawMessage; reason: string }[] };

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
  ) {}

  /** An empty log has a checkpoint too. */
  async onModuleInit(): Promise<void> {
    const root = await rootOfRange(0, 0, () => Promise.reject(new Error('empty')));
    const checkpoint = this.keys.sign({ size: 0, root });
    await this.db.query('INSERT INTO log_state (size, checkpoint) VALUES (0, $1) ON CONFLICT DO NOTHING', [checkpoint]);
  }

  async nextOffset(topic: string, partition: number): Promise<bigint | undefined> {
    const [row] = await this.db.query<{ next_offset: string }[]>(
      'SELECT next_offset FROM kafka_offsets WHERE topic = $1 AND partition = $2',
      [topic, partition],
    );
    return row && BigInt(row.next_offset);
  }

  /** May run twice: what lies below the stored offset, or has a known entry id, is passed over. */
  async write(topic: string, partition: number, messages: RawMessage[]): Promise<void> {
    const { entries, unreadable } = readAll(messages);
    await this.db.transaction(async (tx) => {
      await tx.query('SELECT pg_advisory_xact_lock($1)', [writerLock]);
      const last = messages.at(-1);
      if (last) await moveOffset(topic, partition, last.offset + 1n, tx);
      for (const { message, reason } of unreadable)
        await tx.query(
          `INSERT INTO unreadable_entries (topic, partition, "offset", value, reason) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT DO NOTHING`,
          [topic, partition, String(message.offset), message.value, reason],
        );
      await this.append(entries, tx);
    });
  }

  private async append(read: Read['entries'], tx: EntityManager): Promise<void> {
    const byId = new Map(read.map((one) => [one.entry.entryId, one]));
    const known = await tx.query<{ entry_id: string }[]>(
      'SELECT entry_id FROM entries WHERE entry_id = ANY($1::uuid[])',
      [[...byId.keys()]],
    );
    for (const { entry_id } of known) byId.delete(entry_id);
    const fresh = [...byId.values()];
    if (fresh.length === 0) return;
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
  }
}

function readAll(messages: RawMessage[]): Read {
  const read: Read = { entries: [], unreadable: [] };
  for (const message of messages) {
    try {
      const { data } = parseMessage(AuditEntry, JSON.parse(message.value?.toString() ?? 'null'));
      const body = canonicalize(JSON.parse(JSON.stringify(data)));
      if (body === undefined || body.includes('\\u0000'))
        throw new Invalid('message.invalid', 'holds what cannot be kept');
      read.entries.push({ entry: { ...data, entryId: data.entryId.toLowerCase() }, body });
    } catch (error) {
      const reason = error instanceof Invalid ? error.message : 'not JSON';
      read.unreadable.push({ message, reason });
    }
  }
  return read;
}

async function moveOffset(topic: string, partition: number, next: bigint, tx: EntityManager): Promise<void> {
  await tx.query(
    `INSERT INTO kafka_offsets AS kept (topic, partition, next_offset) VALUES ($1, $2, $3)
     ON CONFLICT (topic, partition) DO UPDATE SET next_offset = GREATEST(kept.next_offset, EXCLUDED.next_offset)`,
    [topic, partition, String(next)],
  );
}

async function insert(first: number, fresh: Read['entries'], tx: EntityManager): Promise<void> {
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
