import { createTopics, deleteTopics } from '@govbus/messaging';
import { Changes, Clock, LOGGER, type Logger } from '@govbus/platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AppConfig } from '../app.config';
import { retryDelayMs } from '../subscriptions/subscription.rules';
import { newShareTopic, topicOf } from './share.rules';
import {
  claimTopics,
  type DueTopic,
  noteCreated,
  noteRemoved,
  postponeTopic,
  SHARE_TOPICS_CHANGED,
} from './share-topics.sql';

const pollMs = 1_000;
const maxAtOnce = 50;
/** How long making or removing topics may take before another process tries, in milliseconds. */
const claimMs = 120_000;
const maxPauseMs = 30_000;
// Short, so that the process can end while Kafka is away; it is tried again from here.
const patience = { requestTimeoutMs: 5_000, retries: 2 };

/** Makes the topics of new subscriptions and removes those of deleted ones, however long Kafka is away. */
@Injectable()
export class ShareTopics implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | undefined;
  private isStopping = false;

  constructor(
    private readonly db: DataSource,
    private readonly changes: Changes,
    private readonly clock: Clock,
    private readonly config: AppConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.changes.on(SHARE_TOPICS_CHANGED, () => this.wake());
    this.timer = setInterval(() => this.wake(), pollMs);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    clearInterval(this.timer);
    await this.working;
  }

  private wake(): void {
    if (this.isStopping || this.working) return;
    this.working = this.work()
      .catch((err: unknown) => this.logger.warn({ err }, 'share topics not looked after'))
      .finally(() => (this.working = undefined));
  }

  private async work(): Promise<void> {
    for (;;) {
      const now = this.clock.now();
      const until = new Date(now.getTime() + claimMs);
      const due = await claimTopics(now, until, maxAtOnce, this.db.manager);
      await this.attempt(
        due.filter(({ isWanted }) => isWanted),
        (ids) => this.create(ids),
      );
      await this.attempt(
        due.filter(({ isWanted }) => !isWanted),
        (ids) => this.remove(ids),
      );
      if (due.length === 0 || this.isStopping) return;
    }
  }

  private async attempt(due: DueTopic[], act: (subscriptionIds: string[]) => Promise<void>): Promise<void> {
    if (due.length === 0) return;
    try {
      await act(due.map(({ subscriptionId }) => subscriptionId));
    } catch (err) {
      this.logger.warn({ err, topics: due.length }, 'topics neither made nor removed');
      for (const { subscriptionId, attempts } of due) {
        const pauseMs = Math.min(retryDelayMs(attempts, Math.random()), maxPauseMs);
        await postponeTopic(subscriptionId, new Date(this.clock.now().getTime() + pauseMs), this.db.manager);
      }
    }
  }

  private async create(subscriptionIds: string[]): Promise<void> {
    const { brokers } = this.config;
    await createTopics({ brokers, ...patience, topics: subscriptionIds.map(newShareTopic) });
    const orphans = await noteCreated(subscriptionIds, this.clock.now(), this.db.manager);
    await deleteTopics({ brokers, ...patience, topics: orphans.map(topicOf) });
  }

  private async remove(subscriptionIds: string[]): Promise<void> {
    await deleteTopics({ brokers: this.config.brokers, ...patience, topics: subscriptionIds.map(topicOf) });
    await noteRemoved(subscriptionIds, this.db.manager);
  }
}
