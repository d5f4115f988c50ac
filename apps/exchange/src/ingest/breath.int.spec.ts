import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { type Caller, event, Exchange } from '../exchange.int.spec';
import { Publication } from './publication';

let exchange: Exchange;
let publisher: Caller;
beforeAll(async () => ({ exchange, publisher } = await Exchange.withParties()), 60_000);
afterEach(() => jest.restoreAllMocks());
afterAll(() => exchange.stop());

// A schema may make one event take its time; a request holds many.
const names = ['d', 'e', 'f', 'g', 'h'];
const slow = {
  type: 'object',
  properties: Object.fromEntries(names.map((name) => [name, { type: 'string', pattern: `a[ab]{30}[c${name}]` }])),
};
const letters = Array.from(randomBytes(20_000), (byte) => 'ab'[byte & 1]).join('');
const data = Object.fromEntries(names.map((name) => [name, `${letters}${'a'.repeat(31)}c`]));

it.each([
  ['application/cloudevents-batch+json', (events: object[]) => JSON.stringify(events)],
  ['application/x-ndjson', (events: object[]) => events.map((each) => JSON.stringify(each)).join('\n')],
])('others have their turn between the events of one request: %s', async (type, bodyOf) => {
  const { datasetId } = await exchange.dataset({ schemas: [{ schemaVersion: 1, schema: slow }] });
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  const publication = exchange.app.get(Publication);
  const outcomeOf = publication.outcomeOf.bind(publication);
  const seen: number[] = [];
  const took: number[] = [];
  jest.spyOn(publication, 'outcomeOf').mockImplementation(async (...args) => {
    seen.push(turns);
    const beganAt = performance.now();
    const outcome = await outcomeOf(...args);
    took.push(performance.now() - beganAt);
    return outcome;
  });
  const events = ['1', '2', '3', '4', '5', '6'].map((id) => event(datasetId, id, data));
  setImmediate(count);
  const { status } = await exchange.call('POST', '/v1/events', publisher, bodyOf(events), type);
  isOver = true;
  expect([200, 202]).toContain(status);
  // What is tested at all: each takes longer than a request may have the process for itself.
  expect(took.every((ms) => ms > 10)).toBe(true);
  expect(new Set(seen).size).toBe(events.length);
});
