import 'reflect-metadata';
import { event, type Exchange } from '../exchange.int.spec';
import { Hooks } from './hooks.int.spec';

let hooks: Hooks;
let exchange: Exchange;
beforeAll(async () => {
  hooks = await Hooks.start();
  ({ exchange } = hooks);
}, 60_000);
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
