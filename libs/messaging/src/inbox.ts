import { type Contract, type Envelope, parseMessage } from '@govbus/contracts';
import type { DataSource } from 'typeorm';
import type { Tx } from './outbox';

/** Runs a handler once for each message, however often it is delivered (P1). */
export class Inbox {
  constructor(
    private readonly db: DataSource,
    private readonly consumer: string,
    private readonly clock: () => Date,
  ) {}

  /**
   * Parses the message, and unless it was handled before runs `handler` and remembers it, in one transaction.
   *
   * Errors: `Invalid` `message.invalid`; whatever the handler throws, with nothing changed.
   */
  async process<T extends object>(
    contract: Contract<T>,
    message: unknown,
    handler: (envelope: Envelope<T>, tx: Tx) => Promise<void>,
  ): Promise<void> {
    const envelope = parseMessage(contract, message);
    await this.db.transaction(async (tx) => {
      const fresh = await tx.query<unknown[]>(
        'INSERT INTO inbox (consumer, event_id, received_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING 1',
        [`${this.consumer}:${contract.type}`, envelope.id, this.clock()],
      );
      if (fresh.length > 0) await handler(envelope, tx);
    });
  }
}

/**
 * Removes what was handled more than 14 days ago, a few thousand rows at a time; answers how many. The topics of facts
 * keep a message for 7 days, and of a registry only the newest version counts, so nothing older comes again.
 */
export const purgeInbox = (db: DataSource): Promise<number> =>
  deleteInBatches(
    db,
    `DELETE FROM inbox WHERE ctid = ANY(ARRAY(
       SELECT ctid FROM inbox WHERE received_at < now() - interval '14 days' LIMIT $1))`,
  );

/** Repeats a `DELETE` that removes at most `$1` rows until it finds fewer: short locks, short transactions. */
export async function deleteInBatches(db: DataSource, statement: string, rows = 5_000): Promise<number> {
  let total = 0;
  for (;;) {
    const [, deleted] = await db.query<[unknown, number]>(statement, [rows]);
    total += deleted;
    if (deleted < rows) return total;
  }
}
