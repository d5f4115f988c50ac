import 'reflect-metadata';
import { Exchange } from '../exchange.int.spec';
import { closePeriod } from '../retention/retention.sql';
import { TimedWriter } from './ledger-writing.shared.spec';
import { positionAt } from './ledger-reads.sql';

let exchange: Exchange;
beforeAll(async () => (exchange = await Exchange.start()), 60_000);
afterAll(() => exchange.stop());

const at = (clock: string): string => `2031-01-15T${clock}:00.000Z`;
const events = (from: number, count: number): string[] => Array.from({ length: count }, (_, i) => String(from + i));
type Mark = { recordedAt: string; position: number };

/** Partitions that are read at different speeds: what was recorded at 11:00 comes behind what was at 13:00. */
async function filled() {
  const { datasetId } = await exchange.dataset();
  const writer = new TimedWriter(exchange);
  const parts: [string, number][] = [
    [at('12:00'), 400],
    [at('12:01'), 700],
    [at('13:00'), 1000],
    [at('11:00'), 500],
    [at('13:01'), 300],
    [at('13:01'), 300],
    [at('14:00'), 10],
  ];
  let next = 1;
  for (const [time, count] of parts) {
    await writer.write(time, datasetId, events(next, count));
    next += count;
  }
  return { datasetId, head: next - 1 };
}

describe('the position of a time', () => {
  it('is that of the first event recorded then or later, wherever it stands', async () => {
    const { datasetId, head } = await filled();
    const found = (time: string, to = head) => positionAt(datasetId, new Date(time), to, exchange.db.manager);
    const expected: [string, number | undefined][] = [
      ['2031-01-01T00:00:00Z', 1],
      [at('11:30'), 1],
      [at('12:00'), 1],
      ['2031-01-15T12:00:00.001Z', 401],
      [at('12:01'), 401],
      [at('12:30'), 1101],
      [at('13:00'), 1101],
      ['2031-01-15T13:00:00.001Z', 2601],
      [at('13:01'), 2601],
      [at('13:30'), 3201],
      ['2031-01-15T14:00:00.001Z', undefined],
    ];
    for (const [time, position] of expected) expect([time, await found(time)]).toEqual([time, position]);
    expect(await found(at('13:00'), 1100)).toBeUndefined();
  });

  it('is looked for from a mark on, which comes with a thousand events and a minute', async () => {
    const { datasetId, head } = await filled();
    const marks = await exchange.db.query<Mark[]>(
      `SELECT recorded_at AS "recordedAt", last_position::int AS position FROM ledger_times
        WHERE dataset_id = $1 ORDER BY last_position`,
      [datasetId],
    );
    expect(marks.map(({ recordedAt, position }) => [new Date(recordedAt).toISOString(), position])).toEqual([
      [at('12:01'), 1100],
      [at('13:00'), 2100],
      [at('13:01'), 3200],
    ]);
    // What stands before the mark is not read: it would be found, were it.
    await exchange.db.query(`UPDATE events SET recorded_at = '2031-01-20' WHERE dataset_id = $1 AND position <= 3200`, [
      datasetId,
    ]);
    expect(await positionAt(datasetId, new Date(at('13:30')), head, exchange.db.manager)).toBe(3201);
  });

  it('leaves no marks of a month of which nothing is left, and is found behind it', async () => {
    const { datasetId } = await exchange.dataset();
    const writer = new TimedWriter(exchange);
    await writer.write('2031-02-10T00:00:00Z', datasetId, events(1, 1000));
    await writer.write('2031-03-10T00:00:00Z', datasetId, events(1001, 1000));
    const marks = () =>
      exchange.db.query('SELECT last_position::int AS last FROM ledger_times WHERE dataset_id = $1', [datasetId]);
    expect(await marks()).toHaveLength(2);
    await exchange.db.transaction(async (tx) => {
      await tx.query(`DELETE FROM events WHERE dataset_id = $1 AND position <= 1000`, [datasetId]);
      await closePeriod(datasetId, '2031-02-01', tx);
    });
    expect(await marks()).toEqual([{ last: 2000 }]);
    const time = new Date('2031-02-20T00:00:00Z');
    expect(await positionAt(datasetId, time, 2000, exchange.db.manager)).toBe(1001);
  });
});
