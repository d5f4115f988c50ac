import { Receiver } from './chaos/consumers';
import { agreeOn, eventually, must, newDataset, publish, subscribe } from './dataset';
import { type Answer, type Items, type ProblemBody, RunningCity } from './running-city';

const city = RunningCity.shared();
const receivers: Receiver[] = [];
afterAll(() => Promise.all(receivers.map((receiver) => receiver.stop())));

type Denial = ProblemBody & { traceId?: string; explanation?: { code: string } };
type Subscription = { headPosition: number; ackedPosition: number; delivered: number };
type Agreement = { status: string; version: number };
type Page = { events: { data: { reportId: string } }[] };
type Entry = { entryId: string; action: string; operation: string; traceId?: string; positions?: { last: number } };

const ways = ['pull', 'webhook', 'sse', 'kafka', 'query', 'file'];
const report = (reportId: string) => ({ reportId, category: 'noise', phone: '1' });
const ask = <T = Denial>(method: string, path: string, body?: object): Promise<Answer<T>> =>
  city.call<T>('water-system', method, `${city.url('exchange')}/v1/${path}`, body);
/** What the agreements are not about. */
const askForCuriosity = (agreementId: string): Promise<Answer<Denial>> =>
  ask('POST', 'subscriptions', { agreementId, purpose: 'curiosity', mode: 'pull', startFrom: 'beginning' });
const subscription = async (id: string) => (await ask<Subscription>('GET', `subscriptions/${id}`)).body;
const agreementOf = async (id: string): Promise<Agreement> => {
  const url = `${city.url('data-catalog')}/v1/agreements/${id}`;
  return (await city.call<Agreement>('sharing-officer', 'GET', url)).body;
};
const entriesWith = async (filter: string): Promise<Entry[]> => {
  const url = `${city.url('audit')}/v1/entries?${filter}&limit=200`;
  return (await city.call<Items<Entry>>('auditor', 'GET', url)).body.items;
};

/** A consumer that uses an agreement in every way, and has had the one record that there is in each. */
async function inEveryWay(agreementId: string) {
  const receiver = new Receiver();
  receivers.push(receiver);
  await receiver.start();
  const use = { agreementId, purpose: 'pipe-maintenance' };
  const pulled = await subscribe(city, agreementId, 'pull');
  const pushed = await subscribe(city, agreementId, 'webhook', { webhook: { url: receiver.url } });
  const shared = await subscribe(city, agreementId, 'kafka');
  const streamed = await subscribe(city, agreementId, 'sse');
  const pull = () => ask<Page>('GET', `subscriptions/${pulled}/events`);
  const query = () => ask('POST', 'queries', { ...use, where: { '/category': 'noise' } });
  const order = () => ask<{ exportId: string }>('POST', 'exports', { ...use, format: 'csv', of: 'latest' });
  const openStream = () => ask<string>('GET', `subscriptions/${streamed}/stream`);
  const stream = must(openStream);
  // Where a spec fails before it looks at the stream, that is its failure alone.
  stream.catch(() => undefined);
  const { exportId } = (await must(order)).body;
  const download = () => ask('GET', `exports/${exportId}/file`);
  for (const id of [pushed, shared, streamed])
    await eventually(async () => expect(await subscription(id)).toMatchObject({ delivered: 1 }));
  expect((await must(pull)).body.events).toHaveLength(1);
  for (const used of [query, download]) await must(used);
  return { receiver, pushed, shared, streamed, stream, pull, query, order, openStream, download };
}

// The exchange holds it back until data-catalog has suspended it: either is a denial.
const stopped = expect.stringMatching(/^agreement\.(held|not-in-force)$/) as string;
const isDenied = (answer: Answer<unknown>, code = stopped): void =>
  expect(answer).toMatchObject({ status: 403, body: { code: 'decision.denied', explanation: { code } } });

const alarms = ['agreements:hold', 'agreements:over-scope', 'agreements:suspend'];
const refusals = [
  'POST /v1/subscriptions',
  'GET /v1/subscriptions/:id/events',
  'POST /v1/queries',
  'POST /v1/exports',
  'GET /v1/subscriptions/:id/stream',
  'subscriptions:stream',
];

/** The log has what happened, with a proof of the alarm, and no disclosure behind the first record. */
async function isRecorded(agreementId: string, datasetId: string, agreementVersion: number, traceId: unknown) {
  const entries = await eventually(async () => {
    const found = await entriesWith(`agreementId=${agreementId}`);
    const operations = found.map(({ operation }) => operation);
    expect(operations).toEqual(expect.arrayContaining([...alarms, ...refusals]));
    return found;
  });
  const told = alarms.map((name) => entries.filter(({ operation }) => operation === name));
  // What the other services did because of the request is in its trace, which its answer tells.
  const about = { agreementId, datasetId, traceId };
  const consumer = { id: 'water-system', kind: 'system', department: expect.any(String) as string };
  const code = 'agreement.purpose';
  expect(told).toMatchObject([
    [{ ...about, agreementVersion, action: 'administer', outcome: 'done', service: 'exchange', code }],
    [{ ...about, agreementVersion, action: 'refuse', outcome: 'denied', actor: consumer, purpose: 'curiosity', code }],
    [
      {
        ...about,
        agreementVersion: agreementVersion + 1,
        actor: { id: 'data-catalog', kind: 'service' },
        reason: expect.stringContaining('use beyond the agreement (purpose)') as string,
      },
    ],
  ]);
  const followed = (await entriesWith(`traceId=${String(traceId)}`)).map(({ operation }) => operation);
  expect(followed).toEqual(expect.arrayContaining(alarms));
  // Not the auditor's own looks: each is a disclosure too.
  const disclosed = entries
    .filter(({ action, operation }) => action === 'disclose' && !operation.startsWith('audit:'))
    .map(({ positions }) => positions?.last);
  expect([...new Set(disclosed)]).toEqual([1]);
  const alarm = told[1]?.[0]?.entryId ?? '';
  await eventually(async () => expect(await city.govbus('audit', 'proof', alarm)).toMatchObject({ code: 0 }));
}

describe('use beyond an agreement', () => {
  it('is denied, alarms, and where the terms say so ends every way of delivery until an officer decides', async () => {
    const datasetId = await newDataset(city);
    const agreementId = await agreeOn(city, datasetId, ways, { onOverScope: 'suspend' });
    const beside = await agreeOn(city, datasetId, ways);
    await publish(city, datasetId, [report('r-1')]);
    const used = await inEveryWay(agreementId);
    const other = await inEveryWay(beside);
    const { version } = await agreementOf(agreementId);

    const denial = await askForCuriosity(agreementId);
    isDenied(denial, 'agreement.purpose');
    // At once: when the denial is answered, the agreement is stopped.
    for (const again of [used.pull, used.query, used.order, used.openStream]) isDenied(await again());
    // A file of a stopped agreement is denied, and then deleted.
    expect([403, 409]).toContain((await used.download()).status);
    expect((await used.stream).body).toMatch(/event: problem\ndata: .*"decision\.denied"/);

    await publish(city, datasetId, [report('r-2')]);
    for (const id of [other.pushed, other.shared, other.streamed])
      await eventually(async () => expect(await subscription(id)).toMatchObject({ delivered: 2 }));
    for (const id of [used.pushed, used.shared])
      expect(await subscription(id)).toMatchObject({ headPosition: 2, ackedPosition: 1, delivered: 1 });
    expect([used, other].map(({ receiver }) => receiver.inbox.received.size)).toEqual([1, 2]);
    await eventually(async () =>
      expect(await agreementOf(agreementId)).toMatchObject({ status: 'suspended', version: version + 1 }),
    );
    isDenied(await used.pull());
    await isRecorded(agreementId, datasetId, version, denial.body.traceId);

    const url = `${city.url('data-catalog')}/v1/agreements/${agreementId}/resume`;
    await must(() => city.call('sharing-officer', 'POST', url, { reason: 'the consumer has explained it' }));
    const { body } = await must(used.pull);
    expect(body.events.map(({ data }) => data.reportId)).toEqual(['r-1', 'r-2']);
    // The stream that nobody stopped ends with its subscription, and with no error.
    expect(await ask('DELETE', `subscriptions/${other.streamed}`)).toMatchObject({ status: 204 });
    expect((await other.stream).body).toMatch(/"reportId":"r-2"/);
  });

  it('is denied and alarms, and no more, where the terms do not say so', async () => {
    const datasetId = await newDataset(city);
    const agreementId = await agreeOn(city, datasetId);
    await publish(city, datasetId, [report('r-1')]);
    const id = await subscribe(city, agreementId, 'pull');
    isDenied(await askForCuriosity(agreementId), 'agreement.purpose');
    const operations = await eventually(async () => {
      const found = (await entriesWith(`agreementId=${agreementId}`)).map(({ operation }) => operation);
      expect(found).toContain('agreements:over-scope');
      return found;
    });
    expect(operations).not.toContain('agreements:hold');
    await eventually(async () => {
      const { status, body } = await ask<Page>('GET', `subscriptions/${id}/events`);
      expect({ status, events: body.events.length }).toEqual({ status: 200, events: 1 });
    });
    expect(await agreementOf(agreementId)).toMatchObject({ status: 'in-force' });
  });
});
