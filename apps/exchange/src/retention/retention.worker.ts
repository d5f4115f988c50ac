import { LOGGER, type Logger } from '@govbus/platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { LedgerPeriods } from '../ledger/ledger-periods';
import { Retention } from './retention';

const everyMs = 10 * 60 * 1000;

/** Every ten minutes: makes the partition of the month to come, and removes what is over. */
@Injectable()
export class RetentionWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private isStopping = false;

  constructor(
    private readonly periods: LedgerPeriods,
    private readonly retention: Retention,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.tick();
    this.timer = setInterval(() => this.tick(), everyMs);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    clearInterval(this.timer);
    await this.running;
  }

  private tick(): void {
    this.running ??= this.work()
      .catch((err: unknown) => this.logger.error({ err }, 'retention of the ledger failed, it is tried again'))
      .finally(() => (this.running = undefined));
  }

  private async work(): Promise<void> {
    await this.periods.prepareAhead();
    await this.retention.run(() => this.isStopping);
  }
}
