import 'reflect-metadata';
import { Agent } from 'node:http';
import { deliveryModes } from '@govbus/contracts';
import { freePort } from '@govbus/embedded';
import { openApiOf } from '@govbus/platform';
import { eventually, randomOf } from '@govbus/testing';
import { Heap } from './bad-input-heap.shared.spec';
import {
  type Document,
  type HostileRequest,
  HostileRequests,
  type Operation,
  operationsOf,
  send,
} from './bad-input-requests.shared.spec';
import { planted } from './bad-input-values.shared.spec';
import { consumer, event, Exchange, marker, provider } from './exchange.int.spec';
import { ExchangeProcess } from './exchange-process.shared.spec';

jest.setTimeout(240_000);

// Another order, and other choices, with `FUZZ_SEED`; the same ones for the same seed.
const seed = Number(process.env.FUZZ_SEED ?? 4711);
const agent = new Agent({ keepAlive: true, maxSockets: 8 });
const wideAgent = new Agent({ keepAlive: true, maxSockets: 100 });
let beside: Exchange;
let attacked: ExchangeProcess;
let inspector: number;
let hostile: HostileRequests;
let operations: Operation[];

beforeAll(async () => {
  beside = await Exchange.start({ EXCHANGE_ROLES: 'ingest,ledger,delivery' });
  operations = operationsOf(openApiOf(beside.app) as unknown as Document);
  const publisher = await beside.system(provider, ['events:publish']);
  const reader = await beside.system(consumer, ['events:read', 'events:publish', 'admin']);
  const { datasetId } = await beside.dataset();
  const { terms, agreementId } = await beside.agreement(datasetId);
  const all = { ...terms, fields: ['/key', '/name', '/area'], deliveryModes: [...deliveryModes] };
  await beside.agreement(datasetId, { agreementId, terms: all, version: 2 });
  await beside.publishBatch(publisher, [event(datasetId, 'a'), event(datasetId, 'b')]);
  await beside.ledgerAt(datasetId, 2);
  const use = { agreementId, purpose: 'case-handling' };
  const subscription = { ...use, mode: 'pull', startFrom: 'beginning' };
  const file = { ...use, format: 'csv', of: 'events' };
  const { body } = await beside.call('POST', '/v1/subscriptions', reader, subscription);
  const job = await beside.call('POST', '/v1/exports', reader, file);
  expect([body.subscriptionId, job.body.exportId]).toEqual([expect.any(String), expect.any(String)]);
  const token = await beside.issuer.token({ ...reader, kind: 'system', roles: [] });
  const outage = { subscriptionId: body.subscriptionId, from: '2098-01-01T00:00:00Z', until: '2098-01-02T00:00:00Z' };
  hostile = new HostileRequests(
    {
      authorization: `Bearer ${token}`,
      path: {
        'subscriptions.id': String(body.subscriptionId),
        'exports.id': String(job.body.exportId),
        'datasets.datasetId': datasetId,
      },
      bodies: {
        publishEvents: event(datasetId, 'c'),
        createSubscription: subscription,
        createExport: file,
        runQuery: { ...use, where: { '/area': 'north' }, limit: 10, cursor: 'x' },
        announceOutage: { ...outage, reason: 'a new server' },
        acknowledgeEvents: { cursor: 'x' },
        seekSubscription: { to: { position: 1 } },
        skipSubscription: { count: 1, reason: 'a test' },
        rotateSecret: { overlapHours: 1 },
        discardUnreadableMessage: { reason: 'a test' },
      },
    },
    randomOf(seed),
  );
  inspector = await freePort();
  attacked = await ExchangeProcess.start(beside, 'ingest,ledger,delivery', [`--inspect=127.0.0.1:${inspector}`]);
});
afterAll(async () => {
  agent.destroy();
  wideAgent.destroy();
  await attacked?.end('SIGKILL');
  await beside?.stop();
});

/** Sends all of them, eight at a time, but more of those that are refused before anybody is known, as their answers wait for each other; what is wrong. */
async function faultsOf(requests: HostileRequest[]): Promise<string[]> {
  const faults: string[] = [];
  // But where events are published the caller is known before the body is read.
  const isStranger = ({ name }: HostileRequest): boolean =>
    /: authorization$|^(?!publishEvents).*: the body is /.test(name);
  const left = requests.filter((request) => !isStranger(request));
  const strangers = requests.filter(isStranger);
  const next = async (): Promise<void> => {
    for (let one = left.pop(); one; one = left.pop()) faults.push(...(await faultsOfOne(one)));
  };
  await Promise.all(Array.from({ length: 8 }, next));
  const told = await Promise.all(strangers.map((request) => faultsOfOne(request, wideAgent)));
  return [...faults, ...told.flat()];
}

async function faultsOfOne(request: HostileRequest, by = agent): Promise<string[]> {
  const { status, type, text } = await send(attacked.url, request, by);
  const says = (fault: string): string =>
    `${request.name}: ${fault} (${status}) ${request.operation.method} ${request.url.slice(0, 200)} ${text.slice(0, 300)}`;
  const faults: string[] = [];
  if (!request.operation.statuses.includes(status)) faults.push(says('is not documented'));
  if (status >= 500) faults.push(says('is a fault of ours'));
  if (text.includes(marker)) faults.push(says('shows what is not granted'));
  if (status < 400) return faults;
  if (!type.startsWith('application/problem+json')) faults.push(says(`is no problem but ${type}`));
  const problem = JSON.parse(text) as Record<string, unknown>;
  if (problem.status !== status || !/^[a-z-]+\.[a-z-]+$/.test(String(problem.code)))
    faults.push(says('has no stable code'));
  if (text.includes(planted) && !request.isNamed) faults.push(says('repeats what was sent'));
  return faults;
}

it('has a good body for each operation that takes one', () => {
  const lacking = operations.filter(
    ({ id, types }) => types.length > 0 && !JSON.stringify(hostile).includes(`"${id}"`),
  );
  expect(lacking.map(({ id }) => id)).toEqual([]);
});

it('answers hostile requests to every route as documented, and goes on', async () => {
  const requests = operations.flatMap((operation) => hostile.of(operation));
  const faults = await faultsOf(requests);
  expect(faults.slice(0, 20)).toEqual([]);
  expect(attacked.isRunning).toBe(true);
  await eventually(async () => expect((await fetch(`${attacked.url}/health/ready`)).status).toBe(200));
  expect(attacked.log).not.toMatch(/unhandled|request failed|UnhandledPromise/i);
  expect(attacked.log.includes(planted) || attacked.log.includes(marker)).toBe(false);
});

it('keeps nothing of what it refused', async () => {
  const requests = operations.flatMap((operation) => hostile.of(operation).filter((_, i) => i % 3 === 0));
  const heap = await Heap.at(inspector);
  // The entries of what was refused are no longer in hand.
  const isSettled = () =>
    eventually(async () => expect(await beside.db.query('SELECT 1 FROM outbox LIMIT 1')).toEqual([]), 60_000);
  const usedBytes = async (): Promise<number> => {
    await faultsOf(requests);
    await isSettled();
    return heap.usedBytes();
  };
  const before = await usedBytes();
  const after = await usedBytes();
  heap.close();
  // A kilobyte kept of each request would be more.
  expect(after - before).toBeLessThan(requests.length * 1024);
  expect(after).toBeLessThan(200 * 1024 * 1024);
});
