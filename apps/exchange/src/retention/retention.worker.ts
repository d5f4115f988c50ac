import { LOGGER, type Logger } from '@govbus/platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { LedgerPeriods } from '../ledger/ledger-periods';
import { Retention } from './retention';

const everyMs = 10 * 60 * 1000;
/** After a round in which a hold may not have arrived yet, as in a process that has just started, or a dataset is not done. */
const againMs = 10_000;

/** Every ten minutes: makes the partition of the month to come, and removes what is over. */
@Injectable()
export class RetentionWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private isStopping = false;

  constructor(
    private readonly periods: LedgerPeriods,
    private readonly retention: Retention,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.tick();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private tick(): void {
    this.running = this.work().then((pauseMs) => {
      if (!this.isStopping) this.timer = setTimeout(() => this.tick(), pauseMs);
    });
  }

  // Milliseconds until the next time.
  private async work(): Promise<number> {
    try {
      await this.periods.prepareAhead();
      return (await this.retention.run(() => this.isStopping)) ? everyMs : againMs;
    } catch (err) {
      this.logger.error({ err }, 'retention of the ledger failed, it is tried again');
      return everyMs;
    }
  }
}
