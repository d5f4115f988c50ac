import { BatchReader } from '@govbus/messaging';
import { LOGGER, type Logger, logFunction } from '@govbus/platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { AppConfig } from '../app.config';
import { BUS_TOPIC } from '../ingest/ingest.route';
import { LedgerWriter } from './ledger-writer';

/** Reads `bus.events` into the ledger. Offsets are the database's, so a batch is written exactly once. */
@Injectable()
export class LedgerWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly reader: BatchReader;

  constructor(config: AppConfig, writer: LedgerWriter, @Inject(LOGGER) logger: Logger) {
    this.reader = new BatchReader({
      brokers: config.brokers,
      clientId: 'exchange-ledger',
      groupId: config.LEDGER_GROUP,
      topic: BUS_TOPIC,
      log: logFunction(logger),
      startAt: (partition) => writer.nextOffset(BUS_TOPIC, partition),
      onBatch: (partition, messages) => writer.write(BUS_TOPIC, partition, messages),
    });
  }

  onApplicationBootstrap(): Promise<void> {
    return this.reader.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.reader.stop();
  }
}
