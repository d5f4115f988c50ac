import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { LOGGER, type Logger } from './logger';

/** The one source of time. Inject it; `new Date()` anywhere else is a lint error. */
export class Clock {
  /** Now, as the machine says it (UTC inside). */
  now(): Date {
    return new Date();
  }
}

const lookMs = 5_000;
/** How far the machine's clock may be from the database's, in ms, before it is not believed. */
const toleranceMs = 1_000;

/**
 * The machine's clock as long as it agrees with the database's, which all processes of a service share; otherwise the
 * database's. A process whose clock was set wrong keeps to the leases and periods of the others.
 *
 * Shape: the database is asked at the start and every five seconds; between, a monotonic clock carries its time on.
 */
@Injectable()
export class SharedClock extends Clock implements OnModuleInit, OnApplicationShutdown {
  /** What the database's clock is ahead of this process's monotonic one, in ms. */
  private aheadMs: number | undefined;
  private isBelieved = true;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly db: DataSource,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    super();
  }

  async onModuleInit(): Promise<void> {
    await this.look();
    this.timer = setInterval(() => void this.look().catch(() => undefined), lookMs).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  override now(): Date {
    const own = new Date();
    if (this.aheadMs === undefined) return own;
    const shared = this.aheadMs + performance.now();
    const isBelieved = Math.abs(own.getTime() - shared) <= toleranceMs;
    if (isBelieved !== this.isBelieved) this.logger.warn({ isBelieved }, 'the clock of this machine was set');
    this.isBelieved = isBelieved;
    return isBelieved ? own : new Date(shared);
  }

  private async look(): Promise<void> {
    const askedAt = performance.now();
    const [row] = await this.db.query<{ now: number }[]>(
      'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now',
    );
    const answeredAt = performance.now();
    // An answer that was long on its way says little about the moment.
    if (row && (this.aheadMs === undefined || answeredAt - askedAt < toleranceMs / 2))
      this.aheadMs = Number(row.now) - (askedAt + answeredAt) / 2;
  }
}

/** A clock that stands where it is set; for specs. */
export class FixedClock extends Clock {
  constructor(private time: Date) {
    super();
  }
  override now(): Date {
    return this.time;
  }
  /** Sets the time to `time`. */
  set(time: Date): void {
    this.time = time;
  }
}
