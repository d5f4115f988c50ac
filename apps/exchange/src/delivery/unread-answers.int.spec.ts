import 'reflect-metadata';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { eventually } from '@govbus/testing';
import { closeAgreement } from '../agreements/agreement-lock';
import { RegistryWatch } from '../agreements/registry-watch';
import { type Caller, event, Exchange, stranger } from '../exchange.int.spec';
import { Disclosures } from './disclosure';
import { LedgerBlocks } from './ledger-blocks';

let exchange: Exchange;
let publisher: Caller;
let reader: Caller;
const sockets: Socket[] = [];
beforeAll(async () => {
  ({ exchange, publisher, reader } = await Exchange.withParties());
  await exchange.app.listen(0, '127.0.0.1');
}, 60_000);
afterEach(() => {
  jest.restoreAllMocks();
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(() => exchange.stop());

/** A dataset whose first page is larger than what a network holds, with an agreement over all of it. */
async function large() {
  const { datasetId } = await exchange.dataset();
  const agreement = await exchange.agreement(datasetId);
  const terms = {
    ...agreement.terms,
    masks: [],
    fields: ['/key', '/name', '/area'],
    deliveryModes: ['pull', 'query'] as ('pull' | 'query')[],
  };
  await exchange.change({ ...agreement, terms, version: 2 });
  const name = 'x'.repeat(230_000);
  for (let part = 0; part < 2; part += 1)
    await exchange.publishBatch(
      publisher,
      Array.from({ length: 20 }, (_, i) => event(datasetId, String(part * 20 + i), { name })),
    );
  await exchange.ledgerAt(datasetId, 40);
  const order = { agreementId: agreement.agreementId, purpose: 'case-handling', mode: 'pull', startFrom: 'beginning' };
  const { body } = await exchange.call('POST', '/v1/subscriptions', reader, order);
  return { datasetId, agreementId: agreement.agreementId, subscriptionId: String(body.subscriptionId) };
}

/** Asks over a connection of its own. */
async function ask(method: string, path: string, question?: object): Promise<Socket> {
  const body = question ? JSON.stringify(question) : '';
  const socket = connect(Number(new URL(await exchange.app.getUrl()).port), '127.0.0.1');
  sockets.push(socket);
  const length = body ? `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` : '';
  const token = await exchange.issuer.token({ ...reader, kind: 'system', roles: [] });
  socket.write(`${method} ${path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${token}\r\n${length}\r\n${body}`);
  return socket;
}

/** The same, and reads nothing but that the answer has begun. */
async function askAndLeave(method: string, path: string, question?: object): Promise<void> {
  await once(await ask(method, path, question), 'readable');
}

describe('an answer that nobody reads', () => {
  type Request = ['GET' | 'POST', string, object?];
  type Large = Awaited<ReturnType<typeof large>>;
  const pulled = ({ subscriptionId }: Large) => `/v1/subscriptions/${subscriptionId}/events?limit=1000`;
  const asked = ({ agreementId }: Large) => ({
    ...{ agreementId, purpose: 'case-handling', where: { '/area': 'north' }, limit: 500 },
  });
  // A department has so many turns at once.
  it.each<[string, number, (one: Large) => Request]>([
    ['a pull', 6, (one) => ['GET', pulled(one)]],
    ['a pull that waits', 6, (one) => ['GET', `${pulled(one)}&wait=5`]],
    ['a query', 4, (one) => ['POST', '/v1/queries', asked(one)]],
  ])(
    'of %s keeps its turn: its department holds few of them, and others go on',
    async (_, turns, requestOf) => {
      const one = await large();
      const [method, path, body] = requestOf(one);
      for (let i = 0; i < turns; i += 1) await askAndLeave(method, path, body);
      const next = exchange.call(method, path, reader, body);
      let isAnswered = false;
      void next.then(() => (isAnswered = true));

      const neighbour = await exchange.system(stranger, ['events:read']);
      const { agreementId } = await exchange.agreement(one.datasetId, { consumerDepartment: stranger });
      const order = { agreementId, purpose: 'case-handling', mode: 'pull', startFrom: 'beginning' };
      const made = await exchange.call('POST', '/v1/subscriptions', neighbour, order);
      const others = `/v1/subscriptions/${String(made.body.subscriptionId)}/events`;
      expect((await exchange.call('GET', others, neighbour)).status).toBe(200);
      expect(isAnswered).toBe(false);

      sockets[0]?.destroy();
      expect((await next).status).toBe(200);
      // What is read gives its turn back, too.
      for (const socket of sockets) socket.resume();
      for (let i = 0; i <= turns; i += 1) expect((await exchange.call(method, path, reader, body)).status).toBe(200);
    },
    60_000,
  );
});

describe('whoever hangs up while a page is being read', () => {
  it('has the next one wait for the end of that', async () => {
    const { datasetId } = await exchange.dataset();
    const agreement = await exchange.agreement(datasetId);
    const order = { agreementId: agreement.agreementId, purpose: 'case-handling', mode: 'pull', startFrom: 'now' };
    const { body } = await exchange.call('POST', '/v1/subscriptions', reader, order);
    const path = `/v1/subscriptions/${String(body.subscriptionId)}/events`;
    const disclose = jest.spyOn(exchange.app.get(Disclosures), 'disclose');
    const { asked } = await exchange.db.transaction(async (tx) => {
      // Each page under it waits until this is over.
      await closeAgreement(agreement.agreementId, tx);
      for (let i = 0; i < 6; i += 1) (await ask('GET', path)).on('error', () => undefined);
      await eventually(() => expect(disclose).toHaveBeenCalledTimes(6));
      const gone = sockets.map((socket) => once(socket, 'close'));
      for (const socket of sockets) socket.destroy();
      await Promise.all(gone);
      const last = exchange.call('GET', path, reader);
      // By now the exchange has heard of it all, as it answers who came later.
      expect((await exchange.call('GET', `/v1/subscriptions/${String(body.subscriptionId)}`, reader)).status).toBe(200);
      expect(disclose).toHaveBeenCalledTimes(6);
      return { asked: last };
    });
    expect((await asked).status).toBe(200);
  });
});

describe('a page that took long', () => {
  it('does not leave when no decision can have arrived meanwhile', async () => {
    const { datasetId } = await exchange.dataset();
    const { agreementId } = await exchange.agreement(datasetId);
    await exchange.publish(publisher, event(datasetId, '1'));
    await exchange.ledgerAt(datasetId, 1);
    const order = { agreementId, purpose: 'case-handling', mode: 'pull', startFrom: 'beginning' };
    const { body } = await exchange.call('POST', '/v1/subscriptions', reader, order);
    const path = `/v1/subscriptions/${String(body.subscriptionId)}/events`;
    const read = LedgerBlocks.prototype.read;
    const late = jest.spyOn(LedgerBlocks.prototype, 'read').mockImplementation(async function (
      this: LedgerBlocks,
      ...of
    ) {
      // Longer than what is taken for quick.
      await new Promise((resolve) => setTimeout(resolve, 400));
      return read.apply(this, of);
    });
    const isFresh = jest.spyOn(exchange.app.get(RegistryWatch), 'isFresh').mockResolvedValue(false);
    expect(await exchange.call('GET', path, reader)).toMatchObject({ status: 503, body: { code: 'registry.stale' } });
    isFresh.mockResolvedValue(true);
    expect(await exchange.call('GET', path, reader)).toMatchObject({ status: 200 });
    late.mockRestore();
    isFresh.mockResolvedValue(false);
    expect(await exchange.call('GET', path, reader)).toMatchObject({ status: 200 });
    await eventually(async () =>
      expect((await exchange.entries(datasetId)).filter(({ action }) => action === 'disclose')).toHaveLength(3),
    );
  });
});
