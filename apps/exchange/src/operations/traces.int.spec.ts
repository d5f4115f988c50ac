import { randomBytes } from 'node:crypto';
import { AgreementRecord } from '@govbus/contracts';
import { Producer } from '@govbus/messaging';
import { eventually, SpanCollector, type ToldSpan } from '@govbus/testing';
import { Receiver } from '../delivery/receiver.int.spec';
import { consumer, envelope, event, Exchange, marker, provider } from '../exchange.int.spec';
import { startNamed } from '../takeovers.shared.spec';

jest.setTimeout(180_000);

/** A request's trace, as another system names it. */
function newTrace() {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-01` };
}

const spans: ToldSpan[] = [];
const collector = new SpanCollector((told) => spans.push(...told));
const named = (name: string): ToldSpan[] => spans.filter((span) => span.name === name);
/** What the spans of a name say of one number. */
const facts = (name: string, fact: string): number[] =>
  named(name).flatMap(({ attributes }) =>
    attributes
      .filter(({ key }) => key === `govbus.${fact}`)
      .map(({ value }) => Number((value as { intValue: number }).intValue)),
  );
let seed: Exchange;
let receiver: Receiver;
let flags: string[];
let over: Record<string, string>;
beforeAll(async () => {
  const url = await collector.start();
  receiver = await Receiver.start();
  seed = await Exchange.start({ EXCHANGE_ROLES: 'ingest' });
  // As deploy/README.md says, with the flag of NODE_OPTIONS given to this process alone.
  flags = ['-r', '@govbus/platform/otel'];
  over = { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_SERVICE_NAME: 'exchange' };
});
afterAll(async () => {
  receiver.stop();
  await seed.stop();
  await collector.stop();
});

describe('an exchange that is traced', () => {
  it('has spans for batches, pages and what it hears from other services, in their traces, and none for each event', async () => {
    const publisher = await seed.system(provider, ['events:publish']);
    const reader = await seed.system(consumer, ['events:read']);
    const { datasetId } = await seed.dataset();
    const agreement = await seed.agreement(datasetId);
    const traced = await startNamed(seed, 'traced.test', 'ingest,ledger,delivery', flags, { ...over, INBOX: 'on' });
    try {
      const events = Array.from({ length: 1000 }, (_, i) => event(datasetId, String(i)));
      const published = await traced.call('POST', '/v1/events', publisher, events, batchType);
      expect(published.status).toBe(202);
      await seed.ledgerAt(datasetId, 1000);
      const order = { agreementId: agreement.agreementId, purpose: 'case-handling', mode: 'pull' };
      const made = await traced.call('POST', '/v1/subscriptions', reader, { ...order, startFrom: 'beginning' });
      expect(made.status).toBe(201);
      const request = newTrace();
      const page = await fetch(`${traced.url}/v1/subscriptions/${String(made.body.subscriptionId)}/events`, {
        headers: {
          authorization: `Bearer ${await seed.issuer.token({ ...reader, kind: 'system', roles: [] })}`,
          traceparent: request.traceparent,
        },
      });
      expect(page.status).toBe(200);

      const webhook = { ...order, mode: 'webhook', startFrom: 'beginning', webhook: { url: receiver.url } };
      expect((await traced.call('POST', '/v1/subscriptions', reader, webhook)).status).toBe(201);
      await eventually(() => expect(new Set(receiver.ids).size).toBe(1000), 30_000);

      // Together in Kafka, so they are read together; the topic is made while the process runs.
      const inbox = Array.from({ length: 20 }, (_, i) => event(datasetId, `inbox-${i}`));
      await eventually(() => tell(`inbox.${publisher.id}`, 'k', ...inbox), 30_000);
      await seed.ledgerAt(datasetId, 1020);
      await eventually(() => expect(new Set(receiver.ids).size).toBe(1020), 30_000);

      const decision = newTrace();
      const record = { ...envelope(AgreementRecord, { ...agreement, version: 2 }), traceparent: decision.traceparent };
      await tell(AgreementRecord.topic, agreement.agreementId, record);
      const heard = `handle ${AgreementRecord.type}`;
      const version = () =>
        seed.db.query<{ version: number }[]>('SELECT version FROM agreements WHERE agreement_id = $1', [
          agreement.agreementId,
        ]);
      await eventually(async () => expect(await version()).toEqual([{ version: 2 }]), 30_000);

      // It ends with what it still has, however short ago that was.
      expect(await traced.end('SIGTERM')).toEqual([0, null]);
      const of = ({ traceId }: { traceId: string }) => spans.filter((span) => span.traceId === traceId);
      expect(of(decision)).toEqual(
        expect.arrayContaining([expect.objectContaining({ name: heard, parentSpanId: decision.spanId })]),
      );
      const route = of(request).find(({ parentSpanId }) => parentSpanId === request.spanId);
      expect(route?.name).toMatch(/^GET/);
      const pages = of(request).filter(({ name }) => name === 'pull page');
      expect(pages).toMatchObject([
        { attributes: expect.arrayContaining([{ key: 'govbus.records', value: { intValue: 100 } }]) as object },
      ]);
      // At least once, each page as a whole: what was sent is what pages held, and nothing went by itself.
      const sent = facts('webhook send', 'events');
      expect(sent.reduce((sum, records) => sum + records, 0)).toBe(receiver.ids.length);
      expect(sent).toHaveLength(receiver.received.length);
      const held = facts('webhook page', 'records').filter((records) => records > 0);
      expect(held.sort()).toEqual(sent.sort());
      // Once more if the group was divided anew meanwhile.
      expect(new Set(facts('inbox batch', 'messages'))).toEqual(new Set([20]));
      for (const name of ['producer send', 'ledger batch', 'relay batch'])
        expect(spans.map((span) => span.name)).toContain(name);
      const batches = spans.filter(({ name }) => name === 'ledger batch').map(({ spanId }) => spanId);
      const copies = spans.filter(({ name }) => name.startsWith('pg.query:COPY'));
      expect(copies.length).toBeGreaterThan(0);
      for (const copy of copies) expect(batches).toContain(copy.parentSpanId);
      expect(spans.length).toBeLessThan(events.length);
      expect(JSON.stringify(spans)).not.toContain(marker);
    } finally {
      await traced.end('SIGKILL');
    }
  });

  it('ends cleanly where nobody takes its spans', async () => {
    const nowhere = { ...over, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };
    const traced = await startNamed(seed, 'untraced.test', 'delivery', flags, nowhere);
    expect((await fetch(`${traced.url}/v1/subscriptions`)).status).toBe(401);
    expect(await traced.end('SIGTERM')).toEqual([0, null]);
  });
});

const batchType = 'application/cloudevents-batch+json';

async function tell(topic: string, key: string, ...messages: object[]): Promise<void> {
  const producer = new Producer({ brokers: seed.config.KAFKA_BROKERS.split(','), clientId: 'spec' });
  try {
    await producer.sendAll(messages.map((message) => ({ topic, key, value: JSON.stringify(message) })));
  } finally {
    await producer.disconnect();
  }
}
