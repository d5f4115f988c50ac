import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { type HeadedMessage, type OutgoingMessage, Producer, TopicsReader } from '@govbus/messaging';
import { LOGGER, type Logger, Principals } from '@govbus/platform';
import { eventually } from '@govbus/testing';
import { type Caller, event, Exchange, marker, provider, stranger } from '../exchange.int.spec';
import { InboxIntake } from './inbox-intake';
import { InboxWorker } from './inbox.worker';
import { Publication } from './publication';

jest.setTimeout(120_000);

let exchange: Exchange;
let system: Caller;
let rejections: Rejections;

/** What departments find on their `inbox.<system>.rejected`. */
class Rejections {
  /** By its place: what is read twice counts once. */
  private readonly messages = new Map<string, HeadedMessage & { topic: string }>();
  private readonly reader = new TopicsReader({
    brokers: exchange.config.brokers,
    clientId: 'spec',
    groupId: `spec-${randomUUID()}`,
    maxBatch: 100,
    log: () => undefined,
    onBatch: (topic, partition, messages) => {
      for (const message of messages)
        this.messages.set(`${topic}/${partition}/${message.offset}`, { ...message, topic });
      return Promise.resolve(undefined);
    },
  });

  async of({ id }: Caller, count: number) {
    await this.reader.read([`inbox.${id}.rejected`]);
    await eventually(() => expect(this.found(id)).toHaveLength(count), 30_000);
    return this.found(id);
  }
  private found(id: string) {
    return [...this.messages.values()]
      .filter(({ topic }) => topic === `inbox.${id}.rejected`)
      .map(({ key, value, headers }) => ({
        key: key?.toString(),
        value: value?.toString(),
        headers: Object.fromEntries(headers.map(([name, header]) => [name, header.toString()])),
      }));
  }
  stop = (): Promise<void> => this.reader.stop();
}

const structured = { 'content-type': 'application/cloudevents+json' };
const send = (to: Caller, ...messages: Omit<OutgoingMessage, 'topic'>[]): Promise<void> =>
  exchange.app.get(Producer).sendAll(messages.map((message) => ({ ...message, topic: `inbox.${to.id}` })));
const sendEvent = (to: Caller, body: object, headers: Record<string, string> = structured): Promise<void> =>
  send(to, { key: 'k', value: JSON.stringify(body), headers });
/** A system whose topics are there. */
async function newSystem(department = provider): Promise<Caller> {
  const made = await exchange.system(department, ['events:publish']);
  await eventually(async () => {
    const probe = { key: null, value: '[]', headers: structured };
    await send(made, probe);
  }, 30_000);
  await rejections.of(made, 1);
  return made;
}
const stored = (datasetId: string) =>
  exchange.db.query<{ event_id: string; publisher: string; attributes: string }[]>(
    'SELECT event_id, publisher, attributes FROM events WHERE dataset_id = $1 ORDER BY position',
    [datasetId],
  );

beforeAll(async () => {
  exchange = await Exchange.start({ INBOX: 'on' });
  rejections = new Rejections();
  // After the start: a system that the registry tells of later needs no restart.
  system = await newSystem();
}, 90_000);
afterAll(async () => {
  await rejections.stop();
  await exchange.stop();
}, 60_000);

describe('inbox.<system>', () => {
  it('takes structured events, in the order in which they came', async () => {
    const { datasetId } = await exchange.dataset();
    await send(
      system,
      ...['1', '2', '3'].map((id) => ({ key: null, value: JSON.stringify(event(datasetId, id)), headers: structured })),
    );
    await exchange.ledgerAt(datasetId, 3);
    const rows = await stored(datasetId);
    expect(rows.map((row) => row.event_id)).toEqual(['1', '2', '3']);
    expect(rows.map((row) => row.publisher)).toEqual([system.id, system.id, system.id]);
  });

  it('takes binary events, the attributes in headers', async () => {
    const { datasetId } = await exchange.dataset();
    await sendEvent(
      system,
      { key: 'k', area: 'north' },
      {
        'content-type': 'application/json',
        ce_specversion: '1.0',
        ce_id: 'b-1',
        ce_source: '/tests/binary',
        ce_type: 'animal.seen',
        ce_dataset: datasetId,
        ce_subject: 'Euro € %20',
      },
    );
    await exchange.ledgerAt(datasetId, 1);
    const [row] = await stored(datasetId);
    expect(row?.attributes).toContain('"subject":"Euro € %20"');
    expect(row?.attributes).toContain('"datacontenttype":"application/json"');
  });

  it('answers what is refused on its rejected topic and in the audit log, without payload in either reason', async () => {
    const sender = await newSystem();
    const { datasetId } = await exchange.dataset();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const bad = { ...event(datasetId, '1'), data: { key: marker, area: 1 } };
    await sendEvent(sender, bad, { ...structured, traceparent });
    const rejected = (await rejections.of(sender, 2))[1];
    expect(rejected).toEqual({
      key: 'k',
      value: JSON.stringify(bad),
      headers: {
        ...structured,
        traceparent,
        code: 'schema.violated',
        detail: `\`data\` breaks schema version 1 of \`${datasetId}\``,
        faults: JSON.stringify([{ pointer: '/data/area', code: 'type', detail: 'breaks `type`' }]),
        'origin-partition': '0',
        'origin-offset': '1',
      },
    });
    const entries = await exchange.entries(datasetId);
    expect(entries).toMatchObject([
      {
        action: 'refuse',
        operation: 'events:publish',
        outcome: 'refused',
        actor: { id: sender.id, kind: 'system', department: provider },
        entity: `message:inbox.${sender.id}/0/1`,
        code: 'schema.violated',
        records: 1,
      },
    ]);
    expect(JSON.stringify(entries)).not.toContain(marker);
  });

  it('refuses what HTTP refuses, and is not held up by it', async () => {
    const sender = await newSystem();
    const other = await newSystem(stranger);
    const { datasetId } = await exchange.dataset();
    const value = JSON.stringify(event(datasetId, '1'));
    const messages: [string, Omit<OutgoingMessage, 'topic'>][] = [
      ['dataset.unknown', { key: 'k', value: JSON.stringify(event('no-such-dataset', '1')), headers: structured }],
      ['body.malformed', { key: 'k', value: Buffer.from([0xff, 0x00, 0x7b]), headers: structured }],
      ['body.malformed', { key: 'k', value: null, headers: structured }],
      ['body.malformed', { key: null, value: 'not json' }],
      ['body.too-large', { key: 'k', value: Buffer.alloc(300 * 1024, ' '), headers: structured }],
      ['media-type.unsupported', { key: 'k', value, headers: { 'content-type': 'application/cloudevents+avro' } }],
      [
        'media-type.unsupported',
        { key: 'k', value, headers: { 'content-type': 'application/cloudevents-batch+json' } },
      ],
      ['media-type.unsupported', { key: 'k', value, headers: { 'content-type': 'text/xml' } }],
      ['event.invalid', { key: 'k', value: '{}', headers: { ce_id: Buffer.from([0xc3, 0x28]) } }],
      ['event.invalid', { key: 'k', value: null, headers: { ce_id: '1', 'content-type': 'application/json' } }],
      ['event.invalid', { key: 'k', value: `{"__proto__":1}`, headers: structured }],
      ['body.malformed', { key: null, value: 'why', headers: { 'govbus-unreadable-batch': 'why' } }],
    ];
    await send(sender, ...messages.map(([, message]) => message), { key: 'k', value, headers: structured });
    await exchange.ledgerAt(datasetId, 1);
    const codes = (await rejections.of(sender, messages.length + 1)).slice(1).map(({ headers }) => headers.code);
    expect(codes).toEqual(messages.map(([code]) => code));
    await sendEvent(other, event(datasetId, '2'));
    expect((await rejections.of(other, 2))[1]?.headers.code).toBe('decision.denied');
  });

  it('refuses many at once, with long reasons, and is not held up by it', async () => {
    const sender = await newSystem();
    const { datasetId } = await exchange.dataset();
    const names = Array.from({ length: 10 }, (_, i) => [`camelCaseNameOfAField${i}`, 'x'.repeat(100)]);
    const plain = { key: 'k', value: JSON.stringify(Object.fromEntries(names)) };
    await send(sender, ...Array<typeof plain>(500).fill(plain));
    // One that has a name for as long as an event may be.
    await send(sender, { key: 'k', value: JSON.stringify({ ['A'.repeat(200_000)]: 1, ['B'.repeat(50_000)]: 1 }) });
    await sendEvent(sender, event(datasetId, '1'));
    await exchange.ledgerAt(datasetId, 1);
    const found = (await rejections.of(sender, 502)).slice(1);
    expect(new Set(found.map(({ headers }) => headers.code))).toEqual(new Set(['event.invalid']));
    expect(found.map(({ headers }) => Number(headers['origin-offset']))).toEqual(found.map((_, i) => i + 1));
  });

  it('leaves an entry of what was taken at first and refused when the batch came again', async () => {
    const { id, department } = await newSystem();
    const { datasetId } = await exchange.dataset();
    const messages = ['not json', JSON.stringify(event(datasetId, '1'))].map((value, i) => ({
      ...{ key: null, value: Buffer.from(value), timestamp: 0, offset: BigInt(1_000 + i) },
      headers: [],
    }));
    const take = () => exchange.app.get(InboxIntake).take(`inbox.${id}`, 0, messages);
    const entries = async () => {
      const rows = await exchange.db.query<{ n: number }[]>(
        `SELECT count(*)::int AS n FROM outbox WHERE value LIKE $1 AND value LIKE '%"refuse"%'`,
        [`%"${id}"%`],
      );
      return rows[0]?.n ?? 0;
    };
    const before = await entries();
    const failing = jest.spyOn(exchange.app.get(Publication), 'send').mockRejectedValueOnce(new Error('planted'));
    await expect(take()).rejects.toThrow('planted');
    failing.mockRestore();
    expect(await entries()).toBe(before + 1);
    await exchange.principal({ id, department, scopes: ['events:publish'] }, 'suspended', 2);
    await eventually(() => expect(exchange.app.get(Principals).isActive(id)).toBe(false));
    await take();
    expect(await entries()).toBe(before + 2);
  });

  it('refuses everything of a suspended system, and takes its events when it is active again', async () => {
    const sender = await newSystem();
    const { datasetId } = await exchange.dataset();
    await exchange.principal(sender, 'suspended', 2);
    await eventually(() => expect(exchange.app.get(Principals).isActive(sender.id)).toBe(false));
    await sendEvent(sender, event(datasetId, '1'));
    expect((await rejections.of(sender, 2))[1]?.headers.code).toBe('principal.suspended');
    expect(await stored(datasetId)).toEqual([]);
    await exchange.principal(sender, 'active', 3);
    await eventually(() => expect(exchange.app.get(Principals).isActive(sender.id)).toBe(true));
    await sendEvent(sender, event(datasetId, '2'));
    await exchange.ledgerAt(datasetId, 1);
  });

  it('sends again what was not committed, and the ledger keeps it once', async () => {
    const sender = await newSystem();
    const { datasetId } = await exchange.dataset();
    await send(
      sender,
      { key: 'k', value: JSON.stringify(event(datasetId, '1')), headers: structured },
      { key: 'k', value: 'not json', headers: structured },
    );
    await exchange.ledgerAt(datasetId, 1);
    await rejections.of(sender, 2);
    // Another group finds what one finds that was killed before its first commit: nothing.
    const config = Object.assign(Object.create(exchange.config) as typeof exchange.config, {
      INBOX_GROUP: `exchange.inbox.${randomUUID()}`,
    });
    const again = new InboxWorker(
      config,
      exchange.db,
      exchange.app.get(Principals),
      exchange.app.get<Logger>(LOGGER),
      exchange.app.get(InboxIntake),
    );
    again.onApplicationBootstrap();
    await rejections.of(sender, 4);
    await again.beforeApplicationShutdown();
    await sendEvent(sender, event(datasetId, '2'));
    await exchange.ledgerAt(datasetId, 2);
    expect((await stored(datasetId)).map((row) => row.event_id)).toEqual(['1', '2']);
  });
});
