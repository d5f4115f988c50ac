import { AuditEntry } from '@govbus/contracts';
import { BatchReader } from '@govbus/messaging';
import { LOGGER, type Logger, logFunction } from '@govbus/platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { AppConfig } from '../app.config';
import { LogMetrics } from './log-metrics';
import { LogWriter } from './log-writer';

/** Reads `audit.entries` of all services into the log. */
@Injectable()
export class LogWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly reader: BatchReader;

  constructor(config: AppConfig, writer: LogWriter, metrics: LogMetrics, @Inject(LOGGER) logger: Logger) {
    const { topic } = AuditEntry;
    this.reader = new BatchReader({
      brokers: config.brokers,
      clientId: 'audit-log',
      groupId: config.AUDIT_GROUP,
      topic,
      log: logFunction(logger),
      startAt: (partition) => writer.nextOffset(topic, partition),
      onBatch: (partition, messages, written) => writer.write(topic, partition, messages, written),
      onTopicAnew: (partition) => writer.startAnew(topic, partition),
    });
    metrics.follow(this.reader);
  }

  onApplicationBootstrap(): Promise<void> {
    return this.reader.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.reader.stop();
  }
}
