import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Producer } from '@govbus/messaging';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Metrics } from './metrics';

/** Rows are counted up to here: a scrape must stay cheap when much waits. */
const maxCounted = 100_000;
/** How often the event loop is looked at, in ms; it is late by what comes on top. */
const resolution = 20;

/** What every service tells: its process, what waits for Kafka, and what could not be handled. */
@Injectable()
export class ServiceMetrics implements OnModuleInit, OnApplicationShutdown {
  private readonly loopDelay = monitorEventLoopDelay({ resolution });

  constructor(
    private readonly metrics: Metrics,
    private readonly db: DataSource,
    private readonly producer: Producer,
  ) {}

  onModuleInit(): void {
    this.loopDelay.enable();
    this.tellProcess();
    this.tellQueue();
    this.tellOutbox();
    this.tellParked();
  }

  onApplicationShutdown(): void {
    this.loopDelay.disable();
  }

  private tellProcess(): void {
    const memory = this.metrics.gauge('process_resident_memory_bytes', 'Memory of the process (RSS).');
    const cpu = this.metrics.counter('process_cpu_seconds_total', 'Processor time, user and system.');
    const start = this.metrics.gauge('process_start_time_seconds', 'When the process began, in Unix time.');
    start.of().set(Math.round(performance.timeOrigin / 1_000));
    const help = 'How late the event loop was, since it was last asked.';
    const delay = this.metrics.gauge('nodejs_eventloop_delay_seconds', help, ['quantile']);
    this.metrics.collect([memory, delay], () => {
      memory.of().set(process.memoryUsage.rss());
      const { user, system } = process.cpuUsage();
      cpu.of().set((user + system) / 1e6);
      for (const quantile of [0.5, 0.99, 1])
        delay
          .of(String(quantile))
          .set(Math.max(0, this.loopDelay.percentile(quantile * 100) / 1e9 - resolution / 1_000));
      this.loopDelay.reset();
    });
  }

  private tellQueue(): void {
    const messages = this.metrics.gauge('govbus_producer_queue_messages', 'Messages that wait for Kafka in memory.');
    const bytes = this.metrics.gauge('govbus_producer_queue_bytes', 'Bytes that wait for Kafka in memory.');
    this.metrics.collect([messages, bytes], () => {
      messages.of().set(this.producer.queued);
      bytes.of().set(this.producer.queuedBytes);
    });
  }

  private tellOutbox(): void {
    const rows = this.metrics.gauge('govbus_outbox_messages', `Messages not sent yet; ${maxCounted}: or more.`);
    const age = this.metrics.gauge('govbus_outbox_age_seconds', 'Age of the oldest message in the outbox.');
    this.metrics.collect([rows, age], async () => {
      const [found] = await this.db.query<{ rows: string; age: number }[]>(
        `SELECT (SELECT count(*) FROM (SELECT 1 FROM outbox LIMIT ${maxCounted}) waiting) AS rows,
                coalesce((SELECT extract(epoch FROM clock_timestamp() - created_at)::float8
                            FROM outbox ORDER BY id LIMIT 1), 0) AS age`,
      );
      rows.of().set(Number(found?.rows));
      age.of().set(Math.max(0, Number(found?.age)));
    });
  }

  private tellParked(): void {
    const parked = this.metrics.gauge(
      'govbus_parked_messages',
      'Messages that could not be handled, not replayed yet.',
    );
    this.metrics.collect([parked], async () => {
      const [found] = await this.db.query<{ rows: string }[]>(
        `SELECT count(*) AS rows
           FROM (SELECT 1 FROM parked_messages WHERE replayed_at IS NULL LIMIT ${maxCounted}) parked`,
      );
      parked.of().set(Number(found?.rows));
    });
  }
}
