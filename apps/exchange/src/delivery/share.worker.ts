import { Changes, Clock, LOGGER, type Logger } from '@govbus/platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { LeaseLoop } from './lease-loop';
import { ShareDelivery } from './share-delivery';

const maxAtOnce = 24;

/** Leases the subscriptions that are delivered by Kafka and delivers each. */
@Injectable()
export class ShareWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: LeaseLoop;

  constructor(
    db: DataSource,
    private readonly changes: Changes,
    delivery: ShareDelivery,
    clock: Clock,
    @Inject(LOGGER) logger: Logger,
  ) {
    const run = delivery.run.bind(delivery);
    this.loop = new LeaseLoop(db, clock, logger, { mode: 'kafka', maxAtOnce, run });
  }

  onApplicationBootstrap(): Promise<void> {
    return this.loop.start(this.changes);
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }
}
