import { randomUUID } from 'node:crypto';
import { type Contract, type Envelope, Invalid } from '@govbus/contracts';
import { context, propagation } from '@opentelemetry/api';
import type { EntityManager } from 'typeorm';
import { activeCause } from './cause';

export type Tx = EntityManager;

/** Postgres channel on which the relay hears that rows wait. */
export const OUTBOX_CHANNEL = 'outbox';

// What the topics take (`max.message.bytes` of deploy/topics.yaml), with room for what Kafka writes around it.
const maxBytes = { event: 1_000_000, record: 4_000_000 };

/**
 * State and message in one transaction (P1): what is added is sent if, and only if, `tx` commits.
 *
 * Messages of one key keep their order when the writer has locked the entity's row before it adds.
 * Errors: `Invalid` `message.too-large` for one that its topic cannot take: it would hold up all behind it for ever.
 */
export class Outbox {
  constructor(
    private readonly service: string,
    private readonly clock: () => Date,
  ) {}

  /** One message. */
  async add<T extends object>(contract: Contract<T>, data: T, tx: Tx): Promise<void> {
    await this.insert([contract.topic], [contract.key(data)], [this.envelope(contract, data)], tx);
  }

  /** Many messages in one statement, in their order. */
  async addAll<T extends object>(contract: Contract<T>, data: T[], tx: Tx): Promise<void> {
    if (data.length === 0) return;
    await this.insert(
      data.map(() => contract.topic),
      data.map((d) => contract.key(d)),
      data.map((d) => this.envelope(contract, d)),
      tx,
    );
  }

  private envelope<T extends object>(contract: Contract<T>, data: T): string {
    const active: { traceparent?: string } = {};
    propagation.inject(context.active(), active);
    const id = randomUUID();
    const envelope: Envelope<T> = {
      specversion: '1.0',
      id,
      source: `/services/${this.service}`,
      type: contract.type,
      time: this.clock().toISOString(),
      datacontenttype: 'application/json',
      ...active,
      // What nothing caused begins a chain of its own.
      correlationid: id,
      ...activeCause(),
      data,
    };
    const value = JSON.stringify(envelope);
    if (Buffer.byteLength(value) > maxBytes[contract.kind])
      throw new Invalid('message.too-large', `it is larger than the bus takes: ${maxBytes[contract.kind]} bytes`);
    return value;
  }

  private async insert(topics: string[], keys: string[], values: string[], tx: Tx): Promise<void> {
    await tx.query(
      `WITH added AS (
         INSERT INTO outbox (topic, key, value)
         SELECT topic, key, value
           FROM UNNEST($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS m(topic, key, value, place) ORDER BY place)
       SELECT pg_notify('${OUTBOX_CHANNEL}', '')`,
      [topics, keys, values],
    );
  }
}
