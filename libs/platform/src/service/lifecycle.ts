import { flushSpans, Producer, Relay } from '@govbus/messaging';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { KafkaUse } from '../service-name';

/** Starts the relay when all is set up; ends relay, producer, database and traces in this order, after everything else. */
@Injectable()
export class Lifecycle implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly relay: Relay,
    private readonly producer: Producer,
    private readonly db: DataSource,
    private readonly kafka: KafkaUse,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (this.kafka.on) await this.relay.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.relay.stop();
    await this.producer.disconnect();
    await this.db.destroy();
    await flushSpans();
  }
}
