import { DomainError, Invalid, NotFound } from '@govbus/contracts';
import type { KafkaMessage } from 'kafkajs';
import type { DataSource, EntityManager } from 'typeorm';

/** A message that could not be handled: where it stood and why, without its payload. */
export type ParkedMessage = {
  id: string;
  topic: string;
  partition: number;
  offset: string;
  type: string | null;
  code: string;
  detail: string;
  attempts: number;
  parkedAt: Date;
  replayedAt: Date | null;
};
export type ParkedPage = { items: ParkedMessage[]; nextCursor?: string };

const columns = `id, topic, partition, "offset", type, code, detail, attempts,
  parked_at AS "parkedAt", replayed_at AS "replayedAt"`;

/** The messages that were set aside, and their replay. */
export class ParkedMessages {
  /** `dispatch` hands a message's bytes to its handler: `KafkaBatchServer.dispatch`. */
  constructor(
    private readonly db: DataSource,
    private readonly clock: () => Date,
    private readonly dispatch: (value: Buffer | null) => Promise<void>,
  ) {}

  /** Oldest first; those replayed with success stay listed with their time. */
  async list({ cursor, limit }: { cursor?: string; limit: number }): Promise<ParkedPage> {
    const rows = await this.db.query<ParkedMessage[]>(
      `SELECT ${columns} FROM parked_messages WHERE id > $1 ORDER BY id LIMIT $2`,
      [idOf(cursor ?? '0', 'cursor.invalid'), limit + 1],
    );
    const items = rows.slice(0, limit);
    return rows.length > limit ? { items, nextCursor: items.at(-1)?.id } : { items };
  }

  /** Errors: `NotFound` `parked-message.unknown`. */
  async get(id: string): Promise<ParkedMessage> {
    const [row] = await this.db.query<ParkedMessage[]>(`SELECT ${columns} FROM parked_messages WHERE id = $1`, [
      idOf(id, 'parked-message.invalid'),
    ]);
    if (!row) throw unknown(id);
    return row;
  }

  /**
   * Runs the handler again, and then marks it together with what `note` writes: whoever dies in between replays again,
   * which has no second effect. Of one that is marked nothing happens: its inbox may have forgotten it, and it is old.
   *
   * Errors: `NotFound` `parked-message.unknown`; whatever the handler throws.
   */
  async replay(id: string, note: (tx: EntityManager) => Promise<unknown>): Promise<void> {
    const [row] = await this.db.query<{ value: Buffer | null; isReplayed: boolean }[]>(
      'SELECT value, replayed_at IS NOT NULL AS "isReplayed" FROM parked_messages WHERE id = $1',
      [idOf(id, 'parked-message.invalid')],
    );
    if (!row) throw unknown(id);
    if (row.isReplayed) return;
    await this.dispatch(row.value);
    await this.db.transaction(async (tx) => {
      await tx.query('UPDATE parked_messages SET replayed_at = $2 WHERE id = $1', [id, this.clock()]);
      await note(tx);
    });
  }

  /** Those that were not replayed. */
  async count(): Promise<number> {
    const [row] = await this.db.query<{ count: number }[]>(
      'SELECT count(*)::int AS count FROM parked_messages WHERE replayed_at IS NULL',
    );
    return row?.count ?? 0;
  }
}

type Failure = {
  topic: string;
  partition: number;
  message: KafkaMessage;
  type: string | undefined;
  attempts: number;
  err: unknown;
};

/**
 * Sets a message aside. Only a refusal of our own tells its text: others may hold values. One that was replayed from the
 * same place makes room: it is read again, or its topic was made anew.
 *
 * Errors: rejects while the database does not keep it.
 */
export async function park(db: DataSource, failure: Failure, at: Date): Promise<void> {
  const { topic, partition, message, type, attempts, err } = failure;
  const isOurs = err instanceof DomainError;
  const code = isOurs ? err.code : 'handler.failed';
  // PostgreSQL keeps no NUL, and a refusal may repeat one from its input: the message would be stuck.
  const detail = (isOurs ? err.message : err instanceof Error ? err.name : 'unknown error').replaceAll('\0', '');
  await db.query(
    `INSERT INTO parked_messages (topic, partition, "offset", key, value, type, code, detail, attempts, parked_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     ON CONFLICT (topic, partition, "offset") DO UPDATE
     SET (key, value, type, code, detail, attempts, parked_at, replayed_at) = (excluded.key, excluded.value,
       excluded.type, excluded.code, excluded.detail, excluded.attempts, excluded.parked_at, NULL)
     WHERE parked_messages.replayed_at IS NOT NULL`,
    [topic, partition, message.offset, message.key, message.value, type, code, detail, attempts, at],
  );
}

function idOf(text: string, code: string): string {
  if (!/^\d{1,18}$/.test(text)) throw new Invalid(code, 'not an id of a parked message');
  return text;
}
const unknown = (id: string): NotFound =>
  new NotFound('parked-message.unknown', `there is no parked message \`${id}\``);
