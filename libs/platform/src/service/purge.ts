import { purgeInbox } from '@govbus/messaging';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { asOnlyOne } from '../database';
import { IdempotencyKeys } from '../http/idempotency-keys';
import { LOGGER, type Logger } from '../logger';

const everyMs = 10 * 60_000;
// The lock's name within the service's own database.
const purgeLock = 7_030_204;

/** Removes what no repetition asks for any more, from tables that would grow for ever. One process at a time. */
@Injectable()
export class Purge implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly db: DataSource,
    private readonly keys: IdempotencyKeys,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.running ??= this.run()
        .catch((err: unknown) => this.logger.warn({ err }, 'old rows not purged'))
        .finally(() => (this.running = undefined));
    }, everyMs).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  /** Once through; does nothing while another process is at it. */
  run(): Promise<void> {
    return asOnlyOne(this.db, purgeLock, async () => {
      const keys = await this.keys.purge();
      const inbox = await purgeInbox(this.db);
      if (keys + inbox > 0) this.logger.info({ keys, inbox }, 'old rows purged');
    });
  }
}
