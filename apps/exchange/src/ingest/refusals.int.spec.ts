import 'reflect-metadata';
import { type Caller, event, Exchange, provider } from '../exchange.int.spec';

let exchange: Exchange;
let publisher: Caller;
beforeAll(async () => {
  exchange = await Exchange.start();
  publisher = await exchange.system(provider, ['events:publish']);
}, 60_000);
afterAll(() => exchange.stop());

type Entry = { code: string; records: number; actor: { id: string }; datasetId?: string };
async function entriesOf(actorId: string): Promise<Entry[]> {
  const entries = (await exchange.entries()) as Entry[];
  return entries.filter(({ actor }) => actor.id === actorId);
}
const recordsIn = (entries: Entry[]): number => entries.reduce((sum, { records }) => sum + records, 0);

it.each<[string, string, () => Promise<string>]>([
  ['nobody in particular', 'token.missing', () => attack(undefined)],
  ['a caller without the scope', 'scope.missing', async () => attack(await exchange.system(provider, ['events:read']))],
])('a flood of requests by %s is a few entries of the log, and all are counted', async (_, code, attacked) => {
  const entries = (await entriesOf(await attacked())).filter((entry) => entry.code === code);
  expect(recordsIn(entries)).toBe(200);
  expect(entries.length).toBeLessThan(50);
});

async function attack(caller: Caller | undefined): Promise<string> {
  await Promise.all(Array.from({ length: 200 }, (_, n) => exchange.publish(caller, event('animals', `${n}`))));
  return caller?.id ?? 'anonymous';
}

it('whoever has no token and waits for each answer leaves an entry a second at most, each before its answer', async () => {
  const ofStrangers = async () => (await entriesOf('anonymous')).filter(({ code }) => code === 'token.missing');
  const [before, begun] = [await ofStrangers(), performance.now()];
  let answered = 0;
  const patient = async (): Promise<void> => {
    for (let n = 0; n < 5; n += 1) {
      expect(await exchange.publish(undefined, event('animals', `${n}`))).toMatchObject({ status: 401 });
      const least = ++answered;
      expect(recordsIn(await ofStrangers()) - recordsIn(before)).toBeGreaterThanOrEqual(least);
    }
  };
  await Promise.all(Array.from({ length: 20 }, patient));
  const after = await ofStrangers();
  expect(recordsIn(after) - recordsIn(before)).toBe(100);
  expect(after.length - before.length).toBeLessThanOrEqual((performance.now() - begun) / 1_000 + 2);
});

it('datasets that somebody made up are one entry, and those that are known one each', async () => {
  const [known, second] = [(await exchange.dataset()).datasetId, (await exchange.dataset()).datasetId];
  const madeUp = Array.from({ length: 300 }, (_, n) => ({ ...event(`made-up-${n}`, `${n}`) }));
  const broken = [known, second].map((datasetId) => event(datasetId, 'x', { key: 1 }));
  expect(await exchange.publishBatch(publisher, [...madeUp, ...broken])).toMatchObject({
    status: 207,
    body: { refused: 302 },
  });
  const entries = await entriesOf(publisher.id);
  expect(entries.map(({ code, records, datasetId }) => ({ code, records, datasetId }))).toEqual([
    { code: 'dataset.unknown', records: 300, datasetId: undefined },
    { code: 'schema.violated', records: 1, datasetId: known },
    { code: 'schema.violated', records: 1, datasetId: second },
  ]);
});
