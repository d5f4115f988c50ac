import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { Hooks } from '../delivery/hooks.int.spec';
import { type Caller, consumer, type Exchange, provider, stranger } from '../exchange.int.spec';

let hooks: Hooks;
let exchange: Exchange;
let owner: Caller;

beforeAll(async () => {
  hooks = await Hooks.start();
  ({ exchange } = hooks);
  owner = await exchange.system(provider, ['catalog:read']);
}, 60_000);
afterAll(() => hooks.stop());

const recipients = (datasetId: string, caller: Caller, query = '') =>
  exchange.call('GET', `/v1/datasets/${datasetId}/recipients${query}`, caller);

describe('the recipients of a dataset', () => {
  it('are shown to its department: who and how far, never where to', async () => {
    const { datasetId, agreement, receiver, id } = await hooks.hooked();
    await hooks.publish(datasetId, '1');
    await hooks.shows(id, { delivered: 1 });
    const pulled = {
      agreementId: agreement.agreementId,
      purpose: 'case-handling',
      mode: 'pull',
      startFrom: 'beginning',
    };
    await exchange.call('POST', '/v1/subscriptions', hooks.reader, pulled);
    const { status, body } = await recipients(datasetId, owner);
    expect(status).toBe(200);
    expect(body.items).toEqual([
      {
        subscriptionId: id,
        agreementId: agreement.agreementId,
        consumerDepartment: consumer,
        purpose: 'case-handling',
        mode: 'webhook',
        status: 'active',
        ackedPosition: 1,
        lag: 0,
        delivered: 1,
        lastDeliveredAt: expect.any(String),
        deadLetters: 0,
        isOut: false,
      },
      expect.objectContaining({ mode: 'pull', ackedPosition: 0, lag: 1, delivered: 0 }),
    ]);
    expect(JSON.stringify(body)).not.toContain(receiver.url);
    expect((await recipients(datasetId, hooks.publisher)).status).toBe(200);
  });

  it('are shown as what they are: in an outage, with what was put aside, paused, stopped, without an agreement', async () => {
    const { datasetId, agreement, id: out } = await hooks.hooked();
    const refusing = await hooks.hook(agreement, { maxEvents: 1 });
    refusing.receiver.answerTo = ([first]) => (first?.id === '1' ? { status: 422 } : undefined);
    const paused = await hooks.hook(agreement);
    const gone = await hooks.hook(agreement);
    gone.receiver.answer = { status: 410 };
    const revoked = await exchange.agreement(datasetId);
    const { id: over } = await hooks.hook(revoked);
    const [from, until] = [-1_000, 3_600_000].map((ms) => new Date(Date.now() + ms).toISOString());
    const outage = { subscriptionId: out, from, until, reason: 'a new version is installed' };
    const { status, body } = await exchange.call('POST', '/v1/outages', hooks.reader, outage);
    expect(status).toBe(201);
    await hooks.at(paused.id, 'pause');
    await exchange.change({ ...revoked, status: 'revoked', version: 2 });
    for (const id of ['1', '2']) await hooks.publish(datasetId, id);
    await hooks.shows(refusing.id, { ackedPosition: 2, webhook: { deadLetters: 1 } });
    await hooks.shows(gone.id, { status: 'stopped' });

    const shown = async () => (await recipients(datasetId, owner)).body.items;
    const waiting = { ackedPosition: 0, lag: 2, delivered: 0, deadLetters: 0, isOut: false };
    const active = { subscriptionId: out, status: 'active', ...waiting };
    const others = [
      { subscriptionId: refusing.id, status: 'active', ackedPosition: 2, lag: 0, delivered: 1, deadLetters: 1 },
      { subscriptionId: paused.id, status: 'paused', ...waiting },
      { subscriptionId: gone.id, status: 'stopped', stopReason: 'webhook.gone', ...waiting },
      { subscriptionId: over, status: 'stopped', stopReason: 'agreement.revoked', ...waiting },
    ].map((one) => ({ ...one, isOut: false }));
    expect(await shown()).toMatchObject([{ ...active, isOut: true }, ...others]);

    expect((await exchange.call('DELETE', `/v1/outages/${String(body.outageId)}`, hooks.reader)).status).toBe(204);
    await hooks.shows(out, { delivered: 2 });
    const done = { ...active, ackedPosition: 2, lag: 0, delivered: 2 };
    expect(await shown()).toMatchObject([done, ...others]);
  });

  it('are shown by pages, from cursors of the list alone', async () => {
    const { datasetId, agreement, id } = await hooks.hooked();
    const second = await hooks.hook(agreement);
    const first = await recipients(datasetId, owner, '?limit=1');
    const rest = await recipients(datasetId, owner, `?limit=1&cursor=${String(first.body.nextCursor)}`);
    const ids = [first, rest].flatMap(({ body }) => body.items as { subscriptionId: string }[]);
    expect(ids.map(({ subscriptionId }) => subscriptionId)).toEqual([id, second.id]);
    expect(rest.body.nextCursor).toBeUndefined();
  });

  it('are nobody else’s business', async () => {
    const { datasetId } = await hooks.hooked();
    const outsider = await exchange.system(stranger, ['catalog:read']);
    const fellow = await exchange.system(consumer, ['catalog:read']);
    for (const caller of [outsider, fellow])
      expect(await recipients(datasetId, caller)).toMatchObject({ status: 403, body: { code: 'decision.denied' } });
    expect((await recipients(datasetId, hooks.reader)).status).toBe(403);
    expect(await recipients('nothing', owner)).toMatchObject({ status: 404, body: { code: 'dataset.unknown' } });
    const administrator = await exchange.system(stranger, ['admin']);
    expect((await recipients(datasetId, administrator)).status).toBe(200);
  });
});

it('forged cursors of the list of subscriptions are refused', async () => {
  for (const forged of [
    ['x', 'y'],
    ['2026-01-01', 'x'],
    ['2026-01-01T00:00:00.000Z', "' OR 1=1"],
    [1, 2],
    ['infinity', hooks.reader.id],
    ['2026-02-30T00:00:00.000Z', randomUUID()],
  ]) {
    const cursor = Buffer.from(JSON.stringify(forged)).toString('base64url');
    const refused = await exchange.call('GET', `/v1/subscriptions?cursor=${cursor}`, hooks.reader);
    expect([forged, refused]).toMatchObject([forged, { status: 400, body: { code: 'cursor.invalid' } }]);
  }
  await hooks.hooked();
  await hooks.hooked();
  const { body } = await exchange.call('GET', '/v1/subscriptions?limit=1', hooks.reader);
  expect((await exchange.call('GET', `/v1/subscriptions?cursor=${String(body.nextCursor)}`, hooks.reader)).status).toBe(
    200,
  );
});
