import 'reflect-metadata';
import { maxEventBytes } from '@govbus/contracts';
import { type Caller, event, Exchange, marker, provider } from '../exchange.int.spec';

let exchange: Exchange;
let publisher: Caller;
let datasetId: string;
beforeAll(async () => {
  exchange = await Exchange.start();
  publisher = await exchange.system(provider, ['events:publish']);
}, 60_000);
beforeEach(async () => ({ datasetId } = await exchange.dataset()));
afterAll(() => exchange.stop());

/** An event that is so many bytes long. */
function eventOf(id: string, bytes: number): Record<string, unknown> {
  const bare = JSON.stringify(event(datasetId, id, { name: '' })).length;
  return event(datasetId, id, { name: 'x'.repeat(bytes - bare) });
}
const stored = async (): Promise<string[]> => {
  const rows = await exchange.db.query<{ event_id: string }[]>(
    'SELECT event_id FROM events WHERE dataset_id = $1 ORDER BY position',
    [datasetId],
  );
  return rows.map((row) => row.event_id);
};
const tooLarge = { status: 413, body: { code: 'body.too-large' } };

describe('an event of more than 256 KiB', () => {
  it('in a batch is refused alone, and the others are stored', async () => {
    const events = [event(datasetId, 'a'), eventOf('large', 300 * 1024), event(datasetId, 'c')];
    expect(await exchange.publishBatch(publisher, events)).toMatchObject({
      status: 207,
      body: {
        accepted: 2,
        refused: 1,
        results: [
          { index: 0, id: 'a', status: 'accepted' },
          { index: 1, id: 'large', status: 'refused', problem: { code: 'body.too-large' } },
          { index: 2, id: 'c', status: 'accepted' },
        ],
      },
    });
    await exchange.ledgerAt(datasetId, 2);
    expect(await stored()).toEqual(['a', 'c']);
    const entries = await exchange.entries(datasetId);
    expect(entries).toContainEqual(expect.objectContaining({ action: 'refuse', code: 'body.too-large', records: 1 }));
    expect(JSON.stringify(entries)).not.toContain(marker);
  });

  it('is one from the first byte above that', async () => {
    const events = [eventOf('just', maxEventBytes), eventOf('over', maxEventBytes + 1)];
    expect(await exchange.publishBatch(publisher, events)).toMatchObject({
      status: 207,
      body: { results: [{ status: 'accepted' }, { status: 'refused', problem: { code: 'body.too-large' } }] },
    });
    expect(await exchange.publish(publisher, eventOf('alone', maxEventBytes))).toMatchObject({ status: 202 });
    expect(await exchange.publish(publisher, eventOf('alone, over', maxEventBytes + 1))).toMatchObject(tooLarge);
    await exchange.ledgerAt(datasetId, 2);
    expect(await stored()).toEqual(['just', 'alone']);
  });

  it('is that also when its headers alone make it so', async () => {
    const token = await exchange.issuer.token({ ...publisher, kind: 'system', roles: [] });
    const data = { key: 'k', area: 'north', name: 'x'.repeat(maxEventBytes - 2 * 1024) };
    const send = async (id: string, note: string) => {
      const response = await exchange.app.inject({
        method: 'POST',
        url: '/v1/events',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'ce-specversion': '1.0',
          'ce-id': id,
          'ce-source': '/tests',
          'ce-type': 'animal.seen',
          'ce-dataset': datasetId,
          'ce-note': note,
        },
        payload: JSON.stringify(data),
      });
      return { status: response.statusCode, body: response.json<Record<string, unknown>>() };
    };
    expect(await send('small', 'short')).toMatchObject({ status: 202 });
    expect(await send('large', 'y'.repeat(4 * 1024))).toMatchObject(tooLarge);
    await exchange.ledgerAt(datasetId, 1);
    expect(await stored()).toEqual(['small']);
  });

  it('is that as the bus keeps it, however short it was written', async () => {
    const numbers = Array.from({ length: 20_000 }, () => '1e15').join();
    const short = JSON.stringify(event(datasetId, 'short')).replace('"data":{', `"data":{"n":[${numbers}],`);
    expect(short.length).toBeLessThan(maxEventBytes / 2);
    expect(await exchange.publish(publisher, short)).toMatchObject(tooLarge);
  });
});
