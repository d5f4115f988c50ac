import { createTopics, TopicsReader } from '@govbus/messaging';
import { LOGGER, type Logger, logFunction, Principals } from '@govbus/platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AppConfig } from '../app.config';
import { InboxIntake, inboxOf } from './inbox-intake';

// Without a change it is looked again after so long, and after trouble; in ms.
const [lookEveryMs, retryMs] = [60_000, 5_000];
// Systems whose topics are made in one request: a broker takes its time for each.
const madeAtOnce = 50;
const kept = { 'cleanup.policy': 'delete', 'retention.ms': '604800000', 'max.message.bytes': '1048588' };

/**
 * Gives every system of the registry its topics `inbox.<system>` and `inbox.<system>.rejected` and reads the first.
 * A system that the registry tells of later needs no restart. Each has one partition: its events keep their order.
 */
@Injectable()
export class InboxWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly reader: TopicsReader;
  private looking: Promise<void> | undefined;
  private isAskedAgain = false;
  private stopped = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly config: AppConfig,
    private readonly db: DataSource,
    private readonly principals: Principals,
    @Inject(LOGGER) private readonly logger: Logger,
    intake: InboxIntake,
  ) {
    this.reader = new TopicsReader({
      brokers: config.brokers,
      clientId: 'exchange-inbox',
      groupId: config.INBOX_GROUP,
      maxBatch: 500,
      log: logFunction(logger),
      onBatch: (topic, partition, messages) => intake.take(topic, partition, messages),
    });
  }

  onApplicationBootstrap(): void {
    if (this.config.INBOX === 'off') return;
    this.principals.onChange(() => this.look());
    this.look();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.looking;
    await this.reader.stop();
  }

  private look(): void {
    this.isAskedAgain = true;
    this.looking ??= this.untilFollowed().finally(() => (this.looking = undefined));
  }

  // Changes that come while one look is under way share the next.
  private async untilFollowed(): Promise<void> {
    let waitMs = lookEveryMs;
    while (this.isAskedAgain && !this.stopped) {
      this.isAskedAgain = false;
      try {
        await this.follow();
      } catch (err) {
        this.logger.warn({ err }, 'inboxes not ready yet');
        waitMs = retryMs;
      }
    }
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => this.look(), waitMs).unref();
  }

  private async follow(): Promise<void> {
    const systems = await this.db.query<{ id: string }[]>(
      `SELECT principal_id AS id FROM principals WHERE kind = 'system' ORDER BY principal_id`,
    );
    const topics = systems.map(({ id }) => inboxOf(id)).filter((topic) => !this.reader.reads.includes(topic));
    if (topics.length === 0) return;
    let created = 0;
    for (let from = 0; from < topics.length; from += madeAtOnce)
      created += await this.make(topics.slice(from, from + madeAtOnce));
    await this.reader.read(topics);
    this.logger.info({ created, read: topics.length }, 'inboxes followed');
  }

  private async make(inboxes: string[]): Promise<number> {
    const topics = inboxes.flatMap((inbox) =>
      [inbox, `${inbox}.rejected`].map((topic) => ({ topic, partitions: 1, config: kept })),
    );
    return (await createTopics({ brokers: this.config.brokers, topics })).length;
  }
}
