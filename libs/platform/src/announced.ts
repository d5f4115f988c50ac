import { setTimeout as pause } from 'node:timers/promises';
import { type Contract, Unavailable } from '@govbus/contracts';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { KafkaUse } from './service-name';

const defaultMaxMs = 5_000;

/**
 * Whether a committed record has reached Kafka. What stops something (revocation, suspension) is answered only then:
 * whoever reads the answer may count on P5, even when this service is killed right after it (decision 8).
 */
@Injectable()
export class Announced {
  constructor(
    private readonly db: DataSource,
    private readonly kafka: KafkaUse,
  ) {}

  /**
   * Resolves when nothing about the record waits in the outbox any more. Call it after the commit.
   *
   * Errors: `Unavailable` `registry.unannounced` when Kafka has not taken it in `maxMs`; it stays recorded, and goes out
   *   as soon as Kafka is back.
   */
  async wait<T extends object>({ topic, key }: Contract<T>, data: T, maxMs = defaultMaxMs): Promise<void> {
    if (!this.kafka.on) return;
    const endsAt = performance.now() + maxMs;
    for (let waitMs = 5; ; waitMs = Math.min(waitMs * 2, 100)) {
      if (!(await this.isWaiting(topic, key(data)))) return;
      if (performance.now() > endsAt)
        throw new Unavailable(
          'registry.unannounced',
          'it is recorded, and not in force before Kafka is back: ask again',
          {
            retryAfterSeconds: 1,
          },
        );
      await pause(waitMs);
    }
  }

  private async isWaiting(topic: string, key: string): Promise<boolean> {
    const [row] = await this.db.query<{ waits: boolean }[]>(
      'SELECT EXISTS (SELECT 1 FROM outbox WHERE topic = $1 AND key = $2) AS waits',
      [topic, key],
    );
    return row?.waits ?? false;
  }
}
