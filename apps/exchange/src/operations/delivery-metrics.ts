import { Changes, Detail, Metrics, Readiness } from '@govbus/platform';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SseStreams } from '../delivery/sse-streams';
import { Waiters } from '../delivery/waiters';
import { deadLettersOf, lagsOf, registryAges, subscriptionsBy } from './delivery-metrics.sql';

/** Seconds after which nothing is disclosed any more; see `RegistryWatch`. */
const staleSeconds = 1;

/** What there is to know of deliveries when somebody asks. All but the open requests is the same in every process. */
@Injectable()
export class DeliveryMetrics implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly readiness: Readiness,
    private readonly db: DataSource,
    private readonly changes: Changes,
    private readonly waiters: Waiters,
    private readonly streams: SseStreams,
  ) {}

  onModuleInit(): void {
    this.tellLags();
    this.tellSubscriptions();
    this.tellRegistry();
    this.tellOpen();
    // Ready all the same: requests get a problem that says when to come again, which a proxy could not tell them.
    this.readiness.add('registry', async () => {
      const ages = await registryAges(this.db);
      const isFresh = ages.length > 0 && ages.every(({ seconds }) => seconds < staleSeconds);
      return new Detail({ isFresh: isFresh && this.changes.heardAgeMs < staleSeconds * 1000 });
    });
  }

  private tellLags(): void {
    const help = 'Events of the dataset behind the cursor, of the 200 active subscriptions that are furthest behind.';
    const lag = this.metrics.gauge('govbus_delivery_lag_events', help, ['subscription', 'mode']);
    this.metrics.collect([lag], async () => {
      for (const { subscriptionId, mode, behind } of await lagsOf(200, this.db))
        lag.of(subscriptionId, mode).set(behind);
    });
  }

  private tellSubscriptions(): void {
    const subscriptions = this.metrics.gauge('govbus_subscriptions', 'Subscriptions.', ['mode', 'status']);
    const letters = this.metrics.gauge('govbus_dead_letters', 'Pages and events put aside and not delivered since.');
    this.metrics.collect([subscriptions, letters], async () => {
      for (const { mode, status, count } of await subscriptionsBy(this.db)) subscriptions.of(mode, status).set(count);
      letters.of().set(await deadLettersOf(this.db));
    });
  }

  private tellRegistry(): void {
    const help = 'How long ago the copy of a registry was known to be whole; over 1, nothing is disclosed.';
    const age = this.metrics.gauge('govbus_registry_age_seconds', help, ['topic']);
    this.metrics.collect([age], async () => {
      for (const { topic, seconds } of await registryAges(this.db)) age.of(topic).set(seconds);
    });
    const heardHelp = 'How long ago this process surely had heard its database; over 1, it discloses nothing.';
    const heard = this.metrics.gauge('govbus_database_heard_age_seconds', heardHelp, []);
    this.metrics.collect([heard], () => heard.of().set(this.changes.heardAgeMs / 1000));
  }

  private tellOpen(): void {
    const open = this.metrics.gauge('govbus_open_requests', 'Requests of this process that wait or stream.', ['kind']);
    this.metrics.collect([open], () => {
      const streams = this.streams.size;
      open.of('stream').set(streams);
      // A stream waits like a pull does.
      open.of('pull').set(Math.max(0, this.waiters.size - streams));
    });
  }
}
