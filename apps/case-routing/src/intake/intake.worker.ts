import { Changes, LOGGER, type Logger } from '@govbus/platform';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { AppConfig } from '../app.config';
import { ExchangeClient } from './exchange.client';
import { IntakeLoop } from './intake.loop';
import { intakeChanged } from './intake.rules';
import { IntakeRecords } from './intake.service';

/** How often the sources are looked over without being told: periods begin by the clock, without a message. */
const lookOverMs = 5_000;

/** Keeps one loop running for every agreement that is a source of cases; the loops of others end by themselves. */
@Injectable()
export class IntakeWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stopping = new AbortController();
  private readonly loops = new Map<string, Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();

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
    this.lookOver();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    this.stopping.abort();
    await this.looking;
    await Promise.all(this.loops.values());
  }

  private lookOver(): void {
    this.looking = this.looking.then(() => this.startMissing());
  }

  private async startMissing(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    try {
      for (const { agreementId } of await this.records.sources())
        if (!this.loops.has(agreementId)) this.start(agreementId);
    } catch (error) {
      this.logger.warn({ err: error }, 'sources of cases not read, trying again');
    }
  }

  private start(agreementId: string): void {
    const { exchange, records, logger } = this;
    const { CASE_ROUTING_PURPOSE: purpose } = this.config;
    const loop = new IntakeLoop(agreementId, purpose, exchange, records, logger, this.stopping.signal);
    logger.info({ agreementId }, 'case intake starts');
    const running = loop.run().then(() => {
      this.loops.delete(agreementId);
      logger.info({ agreementId }, 'case intake ends');
    });
    this.loops.set(agreementId, running);
  }
}
