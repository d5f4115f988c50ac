import { Conflict, DomainError, Invalid, NotFound } from '@govbus/contracts';
import { isBadData } from '@govbus/messaging';
import { actorOf, Audit, type Caller, readCursor } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Unreadable } from './bus-message';
import { LedgerWriter } from './ledger-writer';
import type { ReplayAllResponse, UnreadableMessageResponse } from './unreadable-messages.dto';

const maxAtOnce = 1_000;
type Place = { topic: string; partition: number; offset: string };

/** The messages that the ledger set aside: where they stood and why, their replay and their end. Never their content. */
@Injectable()
export class UnreadableMessages {
  constructor(
    private readonly db: DataSource,
    private readonly writer: LedgerWriter,
    private readonly audit: Audit,
  ) {}

  /** In the order of topic, partition and offset; one more than `limit` when there are more. */
  list(cursor: string | undefined, limit: number): Promise<UnreadableMessageResponse[]> {
    const { topic, partition, offset } = placeIn(readCursor(cursor, 3));
    return this.db.query<UnreadableMessageResponse[]>(
      `SELECT topic || '-' || partition || '-' || message_offset AS id, topic, partition, message_offset AS "offset", reason,
              coalesce(octet_length(message_value), 0) AS bytes, parked_at AS "parkedAt"
         FROM unreadable_messages WHERE (topic, partition, message_offset) > ($1, $2, $3)
        ORDER BY topic, partition, message_offset LIMIT $4`,
      [topic, partition, offset, limit + 1],
    );
  }

  /**
   * Errors: `NotFound` `unreadable-message.unknown`; `Conflict` `unreadable-message.unreadable` when the ledger still does
   *   not take it, which stays parked then.
   */
  async replay(id: string, caller: Caller): Promise<void> {
    try {
      await this.db.transaction(async (tx) => {
        const { offset, ...message } = await this.take(id, tx);
        await this.writer.writeSetAside({ ...message, offset: BigInt(offset), timestamp: 0 }, tx);
        await this.record({ operation: 'unreadable-messages:replay', id }, caller, tx);
      });
    } catch (error) {
      if (error instanceof Unreadable) throw stillUnreadable(error.message);
      if (isBadData(error)) throw stillUnreadable('refused by the database');
      throw error;
    }
  }

  /** Each on its own, so that one that fails holds up no other. */
  async replayAll(caller: Caller): Promise<ReplayAllResponse> {
    let replayed = 0;
    for (const { id } of (await this.list(undefined, maxAtOnce)).slice(0, maxAtOnce)) {
      try {
        await this.replay(id, caller);
        replayed += 1;
      } catch (error) {
        if (!(error instanceof DomainError) || error.kind === 'unavailable') throw error;
      }
    }
    const [{ left } = { left: 0 }] = await this.db.query<{ left: number }[]>(
      'SELECT count(*)::int AS left FROM unreadable_messages',
    );
    return { replayed, left };
  }

  /** Errors: `NotFound` `unreadable-message.unknown`. */
  discard(id: string, reason: string, caller: Caller): Promise<void> {
    return this.db.transaction(async (tx) => {
      await this.take(id, tx);
      await this.record({ operation: 'unreadable-messages:discard', id, reason }, caller, tx);
    });
  }

  // Gone when the transaction commits; two that take the same wait for each other.
  private async take(id: string, tx: EntityManager) {
    const { topic, partition, offset } = placeOf(id);
    const [rows] = await tx.query<[{ key: Buffer | null; value: Buffer | null }[], number]>(
      `DELETE FROM unreadable_messages WHERE topic = $1 AND partition = $2 AND message_offset = $3
       RETURNING message_key AS key, message_value AS value`,
      [topic, partition, offset],
    );
    const [message] = rows;
    if (!message) throw new NotFound('unreadable-message.unknown', `there is no unreadable message \`${id}\``);
    return { ...message, offset };
  }

  private record(
    { id, ...act }: { operation: string; id: string; reason?: string },
    caller: Caller,
    tx: EntityManager,
  ) {
    const entity = `unreadable-message:${id}`.slice(0, 120);
    return this.audit.record({ ...act, action: 'administer', outcome: 'done', actor: actorOf(caller), entity }, tx);
  }
}

const stillUnreadable = (reason: string): Conflict =>
  new Conflict('unreadable-message.unreadable', `the ledger still does not take it: ${reason}`);

function placeOf(id: string): Place {
  const [, topic, partition, offset] = /^([\w.-]{1,249})-(\d{1,9})-(\d{1,18})$/.exec(id) ?? [];
  if (topic === undefined || partition === undefined || offset === undefined)
    throw new Invalid('unreadable-message.invalid', 'not an id of an unreadable message');
  return { topic, partition: Number(partition), offset };
}

function placeIn(cursor: unknown[] | undefined): Place {
  if (!cursor) return { topic: '', partition: -1, offset: '-1' };
  const [topic, partition, offset] = cursor;
  const isPlace =
    typeof topic === 'string' &&
    Number.isInteger(partition) &&
    Math.abs(Number(partition)) < 2 ** 31 &&
    typeof offset === 'string' &&
    /^\d{1,18}$/.test(offset);
  if (!isPlace) throw new Invalid('cursor.invalid', 'the cursor is not one that this list gave out');
  return { topic, partition: Number(partition), offset };
}
