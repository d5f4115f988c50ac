// The other half of B2: the same twenty consumers get the same dataset by Kafka, each on a topic of its own.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { DeliveredEvent } from '@govbus/contracts';
import { BatchReader } from '@govbus/messaging';
import { type CpuSeconds, microsPerEvent } from '../lib/cpu.ts';
import type { DurabilityClass } from '../lib/system.ts';
import { rewind } from '../lib/subscriptions.ts';
import { demand } from '../lib/verify.ts';
import type { Pulling, Subscription } from './pull.ts';

type Shared = { rate: number; delivered: number; cpu: CpuSeconds };
const patienceMs = 300_000;

/** Sharing with all consumers, on the ledger that is pulled from. */
export class Sharing {
  private readonly pulling: Pulling;
  private subscriptions: Subscription[] | undefined;
  /** Rounds so far: each sends all events once more. */
  private rounds = 0;

  constructor(pulling: Pulling) {
    this.pulling = pulling;
  }

  /** From the moment when all cursors are at the beginning until all are at the end; every message is checked then. */
  async round(durability: DurabilityClass): Promise<Shared> {
    const { system } = this.pulling;
    this.subscriptions ??= await this.subscribe();
    const subscriptions = this.subscriptions;
    await system.setClass(durability);
    const ids = subscriptions.map(({ id }) => id);
    const cpuBefore = system.cpu();
    const began = performance.now();
    await Promise.all(subscriptions.map(({ id, token }) => rewind(system, id, token)));
    await this.until(
      `SELECT count(*) = $2 AS done FROM subscriptions JOIN dataset_heads USING (dataset_id)
        WHERE subscription_id = ANY($1) AND acked_position = last_position`,
      ids,
      subscriptions.length,
    );
    const seconds = (performance.now() - began) / 1000;
    const cpuAfter = system.cpu();
    this.rounds += 1;
    let delivered = 0;
    for (const subscription of subscriptions) delivered += await this.check(subscription);
    return { rate: delivered / seconds, delivered, cpu: microsPerEvent(cpuBefore, cpuAfter, delivered) };
  }

  // Made once: new topics would cost more than what is measured.
  private async subscribe(): Promise<Subscription[]> {
    const subscriptions = await this.pulling.subscribe('kafka', 'now');
    await this.until(
      `SELECT count(*) = $2 AS done FROM share_topics WHERE subscription_id = ANY($1) AND is_created`,
      subscriptions.map(({ id }) => id),
      subscriptions.length,
    );
    // On a single broker the exchange makes them of class D1.
    this.pulling.system.addShareTopics(subscriptions.map(({ id }) => `share.${id}`));
    return subscriptions;
  }

  private async until(sql: string, ids: string[], count: number): Promise<void> {
    const end = performance.now() + patienceMs;
    for (;;) {
      const { rows } = await this.pulling.system.db.query<{ done: boolean }>(sql, [ids, count]);
      if (rows[0]?.done) return;
      demand(performance.now() < end, 'the consumers did not get all of it in five minutes');
      await pause(20);
    }
  }

  // Nothing failed meanwhile, so each event must be there exactly once for each round.
  private async check(subscription: Subscription): Promise<number> {
    const { length, system } = this.pulling;
    const times = new Map<number, number>();
    let read = 0;
    const reader = new BatchReader({
      brokers: [system.brokers],
      clientId: 'bench',
      groupId: `bench.share.${randomUUID()}`,
      topic: `share.${subscription.id}`,
      log: () => undefined,
      startAt: () => Promise.resolve(undefined),
      onBatch: (_, messages) => {
        for (const { value } of messages) {
          const event = JSON.parse(value?.toString() ?? 'null') as DeliveredEvent;
          this.pulling.checkData(event, subscription);
          times.set(Number(event.id), (times.get(Number(event.id)) ?? 0) + 1);
          read += 1;
        }
        return Promise.resolve();
      },
    });
    let expected = 0;
    for (let position = 1; position <= length; position += 1)
      if (this.pulling.shown(subscription, position)) expected += 1;
    await reader.start();
    const end = performance.now() + 60_000;
    while (read < expected * this.rounds && performance.now() < end) await pause(20);
    await reader.stop();
    const who = `consumer ${subscription.consumer}`;
    demand(times.size === expected, `${who} was sent ${times.size} of ${expected} events by Kafka`);
    const wrong = [...times].find(([, count]) => count !== this.rounds);
    demand(!wrong, `${who} was sent position ${wrong?.[0]} by Kafka ${wrong?.[1]} times in ${this.rounds} rounds`);
    return expected;
  }
}
