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
