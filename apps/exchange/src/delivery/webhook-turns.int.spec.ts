import 'reflect-metadata';
import { eventually } from '@govbus/testing';
import { event, type Exchange } from '../exchange.int.spec';
import { Hooks } from './hooks.int.spec';
import { WebhookKeyed } from './webhook-keyed';
import type { Turn } from './webhook-pages';

let hooks: Hooks;
let exchange: Exchange;
beforeAll(async () => {
  hooks = await Hooks.start();
  ({ exchange } = hooks);
}, 60_000);
afterEach(() => jest.restoreAllMocks());
afterAll(() => hooks.stop());

it('sends large events in small pages: a hundred receivers may take their time with theirs', async () => {
  const { datasetId } = await exchange.dataset();
  const agreement = await exchange.agreement(datasetId);
  await exchange.change({ ...agreement, terms: { ...agreement.terms, masks: [] }, version: 2 });
  const name = 'x'.repeat(200_000);
  await exchange.publishBatch(
    hooks.publisher,
    Array.from({ length: 20 }, (_, i) => event(datasetId, String(i + 1), { name })),
  );
  await exchange.ledgerAt(datasetId, 20);
  const { receiver, id } = await hooks.hook(agreement, { maxEvents: 100 });
  await hooks.shows(id, { ackedPosition: 20, delivered: 20 });
  expect(receiver.ids).toEqual(Array.from({ length: 20 }, (_, i) => String(i + 1)));
  const sizes = receiver.received.map(({ body }) => body.length);
  expect(Math.max(...sizes)).toBeLessThan(1024 * 1024 + 210_000);
});

it('gives its place to others behind a request, where the order is that of keys, and goes on in order', async () => {
  const deliver = WebhookKeyed.prototype.deliver;
  const turns = jest.spyOn(WebhookKeyed.prototype, 'deliver').mockImplementation(function (
    this: WebhookKeyed,
    turn: Turn,
  ) {
    return deliver.call(this, { ...turn, isOver: () => true });
  });
  const { datasetId, receiver, id } = await hooks.hooked({ order: 'key' });
  const events = Array.from({ length: 6 }, (_, i) => event(datasetId, String(i + 1), { key: 'same' }));
  await exchange.publishBatch(hooks.publisher, events);
  await exchange.ledgerAt(datasetId, 6);
  await hooks.shows(id, { delivered: 6, lag: 0, webhook: { held: 0 } });
  expect(receiver.ids).toEqual(['1', '2', '3', '4', '5', '6']);
  await eventually(() => expect(turns.mock.calls.length).toBeGreaterThanOrEqual(6));
});
