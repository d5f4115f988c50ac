import 'reflect-metadata';
import { type Caller, event, Exchange } from '../exchange.int.spec';
import { Publication } from './publication';

let exchange: Exchange;
let publisher: Caller;
beforeAll(async () => ({ exchange, publisher } = await Exchange.withParties()), 60_000);
afterEach(() => jest.restoreAllMocks());
afterAll(() => exchange.stop());

it.each([
  ['application/cloudevents-batch+json', (events: object[]) => JSON.stringify(events)],
  ['application/x-ndjson', (events: object[]) => events.map((each) => JSON.stringify(each)).join('\n')],
])('others have their turn between the events of one request: %s', async (type, bodyOf) => {
  const { datasetId } = await exchange.dataset();
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  const publication = exchange.app.get(Publication);
  const outcomeOf = publication.outcomeOf.bind(publication);
  const seen: number[] = [];
  jest.spyOn(publication, 'outcomeOf').mockImplementation(async (...args) => {
    seen.push(turns);
    const beganAt = performance.now();
    const outcome = await outcomeOf(...args);
    // As a schema may make it: longer than a request may have the process for itself.
    while (performance.now() - beganAt < 11);
    return outcome;
  });
  const events = ['1', '2', '3', '4', '5', '6'].map((id) => event(datasetId, id));
  setImmediate(count);
  const { status } = await exchange.call('POST', '/v1/events', publisher, bodyOf(events), type);
  isOver = true;
  expect([200, 202]).toContain(status);
  expect(new Set(seen).size).toBe(events.length);
});
