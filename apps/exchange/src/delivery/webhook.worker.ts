import { Changes, Clock, LOGGER, type Logger } from '@govbus/platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { LeaseLoop } from './lease-loop';
import { WebhookDelivery } from './webhook-delivery';

const [maxAtOnce, maxOfDepartment] = [200, 100];

/** Leases webhook subscriptions and delivers each. */
@Injectable()
export class WebhookWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: LeaseLoop;

  constructor(
    db: DataSource,
    private readonly changes: Changes,
    delivery: WebhookDelivery,
    clock: Clock,
    @Inject(LOGGER) logger: Logger,
  ) {
    const run = delivery.run.bind(delivery);
    this.loop = new LeaseLoop(db, clock, logger, { mode: 'webhook', maxAtOnce, maxOfDepartment, run });
  }

  onApplicationBootstrap(): Promise<void> {
    return this.loop.start(this.changes);
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  /** One delivery that was asked for, cut off when the agreement changes; see `LeaseLoop.cutOff`. */
  cutOff<T>(agreementId: string, run: (stop: AbortSignal) => Promise<T>): Promise<T> {
    return this.loop.cutOff(agreementId, run);
  }
}
