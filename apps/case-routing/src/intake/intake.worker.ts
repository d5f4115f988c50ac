import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Changes, LOGGER, type Logger } from '@govbus/platform';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { AppConfig } from '../app.config';
import { ExchangeClient } from './exchange.client';
import { leadIntake } from './intake-lead';
import { IntakeLoop } from './intake.loop';
import { intakeChanged } from './intake.rules';
import { IntakeRecords } from './intake.service';

/** How often the sources are looked over without being told: periods begin by the clock, without a message. */
const lookOverMs = 5_000;
/** How often a process that stands by asks whether the intake is free. */
const standByMs = 2_000;

/**
 * Keeps one loop running for every agreement that is a source of cases; the loops of others end by themselves.
 *
 * INVARIANT: of all processes of the service one runs loops, for two would subscribe and pull twice. The others stand by.
 */
@Injectable()
export class IntakeWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stopping = new AbortController();
  private readonly loops = new Map<string, Promise<void>>();
  /** Set while this process takes cases in. */
  private leading: AbortSignal | undefined;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly config: AppConfig,
    private readonly exchange: ExchangeClient,
    private readonly records: IntakeRecords,
    private readonly changes: Changes,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.changes.on(
      intakeChanged,
      () => this.lookOver(),
      () => this.lookOver(),
    );
    this.timer = setInterval(() => this.lookOver(), lookOverMs);
    this.running = this.run();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await leadIntake(this.config.DATABASE_URL, signal, (leading) => this.lead(leading));
      } catch (error) {
        this.logger.warn({ err: error }, 'case intake cannot ask for its lock, trying again');
      }
      await pause(standByMs, undefined, { signal }).catch(() => undefined);
    }
  }

  // The lock is held until the last loop has ended.
  private async lead(signal: AbortSignal): Promise<void> {
    this.logger.info('case intake is done by this process');
    this.leading = signal;
    this.lookOver();
    if (!signal.aborted) await once(signal, 'abort');
    this.leading = undefined;
    await this.looking;
    await Promise.all(this.loops.values());
    if (!this.stopping.signal.aborted) this.logger.warn('case intake lost its lock');
  }

  private lookOver(): void {
    this.looking = this.looking.then(() => this.startMissing());
  }

  private async startMissing(): Promise<void> {
    const signal = this.leading;
    if (!signal) return;
    try {
      for (const { agreementId } of await this.records.sources())
        if (!this.loops.has(agreementId)) this.start(agreementId, signal);
    } catch (error) {
      this.logger.warn({ err: error }, 'sources of cases not read, trying again');
    }
  }

  private start(agreementId: string, signal: AbortSignal): void {
    const { exchange, records, logger } = this;
    const { CASE_ROUTING_PURPOSE: purpose } = this.config;
    const loop = new IntakeLoop(agreementId, purpose, exchange, records, logger, signal);
    logger.info({ agreementId }, 'case intake starts');
    const running = loop.run().then(() => {
      this.loops.delete(agreementId);
      logger.info({ agreementId }, 'case intake ends');
    });
    this.loops.set(agreementId, running);
  }
}
