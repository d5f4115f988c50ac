import 'reflect-metadata';
import type { LedgerEvent } from './bus-message';
import { place, publicationsOf } from './ledger.rules';

const event = (eventId: string, over: Partial<LedgerEvent> = {}): LedgerEvent => ({
  datasetId: 'animals',
  source: '/a',
  eventId,
  type: 't',
  publisher: 'p',
  recordedAt: '2026-11-24T10:00:00.000Z',
  schemaVersion: 1,
  digest: `digest-${eventId}`,
  attributes: Buffer.from('{}'),
  data: Buffer.from('{}'),
  key: null,
  ...over,
});
const positions = (placed: { eventId: string; position: number }[]) => placed.map((e) => [e.eventId, e.position]);

describe('place', () => {
  it('gives dense positions after the head, for each dataset on its own', () => {
    const { placed, heads } = place(
      [event('1'), event('2', { datasetId: 'plants' }), event('3')],
      [],
      new Map([
        ['animals', 7],
        ['plants', 0],
      ]),
    );
    expect(positions(placed)).toEqual([
      ['1', 8],
      ['2', 1],
      ['3', 9],
    ]);
    expect([...heads]).toEqual([
      ['animals', 9],
      ['plants', 1],
    ]);
  });

  it('leaves out the same event again, from the ledger and within the batch, and counts it', () => {
    const known = [{ datasetId: 'animals', source: '/a', eventId: '1', digest: 'digest-1' }];
    const late = '2026-11-24T11:00:00.000Z';
    const events = [event('1'), event('2'), event('2', { recordedAt: late }), event('2'), event('3')];
    const { placed, conflicts, duplicates } = place(events, known, new Map([['animals', 1]]));
    expect(positions(placed)).toEqual([
      ['2', 2],
      ['3', 3],
    ]);
    expect(conflicts).toEqual([]);
    expect(duplicates).toEqual([
      { datasetId: 'animals', source: '/a', eventId: '1', times: 1, lastAt: '2026-11-24T10:00:00.000Z' },
      { datasetId: 'animals', source: '/a', eventId: '2', times: 2, lastAt: late },
    ]);
  });

  it('knows ids within their dataset: nobody takes those of another by using them first', () => {
    const known = [{ datasetId: 'plants', source: '/a', eventId: '1', digest: 'other' }];
    const { placed, conflicts } = place(
      [event('1'), event('2'), event('2', { datasetId: 'plants' })],
      known,
      new Map(),
    );
    expect(placed.map(({ datasetId, eventId }) => [datasetId, eventId])).toEqual([
      ['animals', '1'],
      ['animals', '2'],
      ['plants', '2'],
    ]);
    expect(conflicts).toEqual([]);
  });

  it('keeps another event under a taken id as one conflict, however often it comes', () => {
    const other = event('1', { digest: 'other' });
    const { placed, conflicts, duplicates } = place([event('1'), other, other, event('2')], [], new Map());
    expect(positions(placed)).toEqual([
      ['1', 1],
      ['2', 2],
    ]);
    expect(conflicts).toEqual([other]);
    expect(duplicates).toEqual([]);
  });

  it('does not mistake a source and id that only join to the same text', () => {
    const { placed } = place([event('bc', { source: 'a' }), event('c', { source: 'ab' })], [], new Map());
    expect(placed).toHaveLength(2);
  });
});

describe('publicationsOf', () => {
  it('counts each publisher of a dataset exactly, though their positions interleave', () => {
    const events = [event('1'), event('2', { publisher: 'q' }), event('3')];
    const publications = publicationsOf(place(events, [], new Map()).placed);
    expect(publications).toMatchObject([
      { publisher: 'p', first: 1, last: 3, records: 2 },
      { publisher: 'q', first: 2, last: 2, records: 1 },
    ]);
    expect(publications[0]?.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(publications[0]?.digest).not.toBe(publications[1]?.digest);
  });
});
