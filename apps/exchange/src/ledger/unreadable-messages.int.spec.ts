import 'reflect-metadata';
import { type Caller, event, Exchange, marker, provider } from '../exchange.int.spec';
import { digestOf } from './ledger.rules';
import { refusedType, refuseInDatabase } from './ledger-writing.shared.spec';

let exchange: Exchange;
let operator: Caller;
beforeAll(async () => {
  exchange = await Exchange.start();
  operator = await exchange.system(provider, ['admin']);
}, 60_000);
afterAll(() => exchange.stop());

const at = '/v1/unreadable-messages';
let offset = 0;

/** A message as the ledger sets it aside. */
async function park(value: string): Promise<string> {
  offset += 1;
  await exchange.db.query(
    `INSERT INTO unreadable_messages VALUES ('bus.events', 900, $1, NULL, $2, 'not an object', '2026-11-25T00:00:00Z')`,
    [offset, Buffer.from(value)],
  );
  return `bus.events-900-${offset}`;
}
const good = (datasetId: string, id: string): string => {
  const known = { publisher: 'spec', recordedtime: '2026-11-25T00:00:00Z', schemaversion: 1, digest: digestOf([id]) };
  return JSON.stringify({ ...event(datasetId, id), ...known });
};
const post = (path: string, body?: object) => exchange.call('POST', `${at}/${path}`, operator, body);
const idsOf = async (): Promise<string[]> => {
  const ids: string[] = [];
  for (let url = `${at}?limit=2`; url !== '';) {
    const { status, body } = await exchange.call('GET', url, operator);
    expect(status).toBe(200);
    ids.push(...(body.items as { id: string }[]).map(({ id }) => id));
    url = typeof body.nextCursor === 'string' ? `${at}?limit=2&cursor=${body.nextCursor}` : '';
  }
  return ids;
};
const acts = async (id: string) =>
  (await exchange.entries())
    .filter(({ entity }) => entity === `unreadable-message:${id}`)
    .map(({ operation, reason, actor }) => [operation, reason, (actor as { id: string }).id]);
const storedOf = (datasetId: string) =>
  exchange.db.query<object[]>('SELECT event_id FROM events WHERE dataset_id = $1 ORDER BY position', [datasetId]);

beforeEach(() => exchange.db.query('DELETE FROM unreadable_messages'));

describe('unreadable messages', () => {
  it('are listed page by page, without their content', async () => {
    const ids = [await park(marker), await park(marker), await park(marker)];
    expect(await idsOf()).toEqual(ids);
    const { body } = await exchange.call('GET', at, operator);
    expect((body.items as object[])[0]).toEqual({
      id: ids[0],
      topic: 'bus.events',
      partition: 900,
      offset: String(offset - 2),
      reason: 'not an object',
      bytes: marker.length,
      parkedAt: '2026-11-25T00:00:00.000Z',
    });
    expect(JSON.stringify(body)).not.toContain(marker);
  });

  it('are gone when a replay brings them into the ledger, once', async () => {
    const { datasetId } = await exchange.dataset();
    const id = await park(good(datasetId, '1'));
    const answers = await Promise.all([post(`${id}/replay`), post(`${id}/replay`)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 404]);
    expect(await storedOf(datasetId)).toEqual([{ event_id: '1' }]);
    expect(await idsOf()).toEqual([]);
    expect(await acts(id)).toEqual([['unreadable-messages:replay', undefined, operator.id]]);
    // What the ledger knows already is gone as well, and is not stored twice.
    expect((await post(`${await park(good(datasetId, '1'))}/replay`)).status).toBe(204);
    expect(await storedOf(datasetId)).toHaveLength(1);
  });

  it('stay when the ledger still does not take them', async () => {
    const { datasetId } = await exchange.dataset();
    await refuseInDatabase(exchange.db);
    const refused = JSON.stringify({ ...(JSON.parse(good(datasetId, '1')) as object), type: refusedType });
    for (const value of ['[]', refused]) {
      const id = await park(value);
      expect(await post(`${id}/replay`)).toMatchObject({
        status: 409,
        body: { code: 'unreadable-message.unreadable' },
      });
      expect(await idsOf()).toContain(id);
      expect(await acts(id)).not.toContainEqual(expect.arrayContaining(['unreadable-messages:replay']));
    }
    expect(await storedOf(datasetId)).toEqual([]);
  });

  it('are replayed all at once, those that fail holding up no other', async () => {
    const { datasetId } = await exchange.dataset();
    await park(good(datasetId, '1'));
    const bad = await park('{}');
    await park(good(datasetId, '2'));
    expect(await post('replay')).toMatchObject({ status: 200, body: { replayed: 2, left: 1 } });
    expect(await idsOf()).toEqual([bad]);
    expect(await storedOf(datasetId)).toEqual([{ event_id: '1' }, { event_id: '2' }]);
  });

  it('are discarded with a reason that is in the audit log', async () => {
    const id = await park('[]');
    expect(await post(`${id}/discard`, {})).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
    expect((await post(`${id}/discard`, { reason: 'a test of the sender' })).status).toBe(204);
    expect(await idsOf()).toEqual([]);
    expect(await acts(id)).toEqual([['unreadable-messages:discard', 'a test of the sender', operator.id]]);
    expect(await post(`${id}/discard`, { reason: 'again' })).toMatchObject({ status: 404 });
  });

  it('are for operators alone, and refuse what is no id or cursor', async () => {
    const other = await exchange.system(provider, ['events:publish', 'events:read']);
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/replay'],
      ['POST', '/bus.events-900-1/replay'],
    ] as const)
      expect(await exchange.call(method, `${at}${path}`, other)).toMatchObject({ status: 403 });
    for (const id of ['1', 'bus.events-900', 'bus.events-900-x', 'bus.events-900-99999999999999999999'])
      expect(await post(`${id}/replay`)).toMatchObject({ status: 400, body: { code: 'unreadable-message.invalid' } });
    for (const parts of [[1, 1, '1'], ['a', 'b', '1'], ['a', 1, 'x'], ['a', 2 ** 40, '1'], ['a']]) {
      const cursor = Buffer.from(JSON.stringify(parts)).toString('base64url');
      const answer = await exchange.call('GET', `${at}?cursor=${cursor}`, operator);
      expect(answer).toMatchObject({ status: 400, body: { code: 'cursor.invalid' } });
    }
  });
});
