import { BUS_TOPIC } from '@govbus/contracts';
import { BatchReader } from '@govbus/messaging';
import { LOGGER, type Logger, logFunction } from '@govbus/platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { AppConfig } from '../app.config';
import { LedgerMetrics } from '../operations/ledger-metrics';
import { Gathering } from './gathering';
import { LedgerWriter } from './ledger-writer';

const maxPartitions = 64;

/** Reads `bus.events` into the ledger. Offsets are the database's, so a batch is written exactly once. */
@Injectable()
export class LedgerWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private reader: BatchReader | undefined;

  constructor(
    private readonly config: AppConfig,
    private readonly writer: LedgerWriter,
    private readonly metrics: LedgerMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): Promise<void> {
    return this.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.stop();
  }

  async start(): Promise<void> {
    const gathering = new Gathering((parts) => this.metrics.batch(parts, () => this.writer.writeAll(BUS_TOPIC, parts)));
    this.reader = new BatchReader({
      brokers: this.config.brokers,
      clientId: 'exchange-ledger',
      groupId: this.config.LEDGER_GROUP,
      topic: BUS_TOPIC,
      // All that a fetch brought is gathered into few transactions.
      partitionsAtOnce: maxPartitions,
      log: logFunction(this.logger),
      startAt: (partition) => this.writer.nextOffset(BUS_TOPIC, partition),
      onBatch: (partition, messages, written) => gathering.add({ partition, messages, written }),
      onTopicAnew: (partition) => this.writer.startAnew(BUS_TOPIC, partition),
    });
    this.metrics.follow(this.reader);
    await this.reader.start();
  }

  /** Waits for the batch that is being written. */
  async stop(): Promise<void> {
    await this.reader?.stop();
    this.reader = undefined;
  }
}
