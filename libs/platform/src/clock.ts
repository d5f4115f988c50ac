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
  /** What the database's clock is ahead of this process's monotonic one, in ms, and how far that may be wrong. */
  private known: { aheadMs: number; errorMs: number; at: number } | undefined;
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
    if (!this.known) return own;
    const shared = this.known.aheadMs + performance.now();
    const isBelieved = Math.abs(own.getTime() - shared) <= toleranceMs + this.known.errorMs;
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
    // It was read at some moment between.
    const errorMs = (answeredAt - askedAt) / 2;
    // An answer that was long on its way says little about the moment: it is taken only where nothing better is known. What
    // is known is worth less the older it is: the machine may have slept, or another database answers.
    const worthMs = this.known ? this.known.errorMs + (answeredAt - this.known.at) / 100 : Infinity;
    if (row && errorMs <= Math.max(toleranceMs / 4, worthMs))
      this.known = { aheadMs: Number(row.now) - askedAt - errorMs, errorMs, at: answeredAt };
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
