import { noCategory, readReport } from './case-mapping.rules';

const mapping = {
  gridId: 'town',
  category: '/kind',
  latitude: '/place/lat',
  longitude: '/place/lon',
  occurredAt: '/at',
  summary: '/text',
};
const read = (data: unknown) => readReport(data, mapping, '/id');
const placed = (lat: unknown, lon: unknown) => {
  const { latitude, longitude } = read({ place: { lat, lon } });
  return [latitude, longitude];
};

describe('readReport', () => {
  it('reads what the mapping points at', () => {
    const data = {
      id: 17,
      kind: 'Noise',
      place: { lat: 40.7, lon: -73.9 },
      at: '2026-03-14T01:20:00+08:00',
      text: 'loud',
    };
    expect(read(data)).toEqual({
      category: 'Noise',
      recordKey: '17',
      latitude: 40.7,
      longitude: -73.9,
      occurredAt: new Date('2026-03-13T17:20:00Z'),
      summary: 'loud',
    });
  });

  it('reads the elements that the mapping counts, and nothing else of a list', () => {
    const [latitude, longitude] = ['/place/coordinates/1', '/place/coordinates/0'];
    const data = { kinds: ['Noise'], place: { coordinates: [-73.9, 40.7] } };
    const counted = readReport(data, { ...mapping, latitude, longitude, category: '/kinds/0' }, '/kinds/length');
    expect(counted).toEqual({ category: 'Noise', latitude: 40.7, longitude: -73.9 });
  });

  it('takes numeric text as numbers', () => {
    expect(placed('40.70349715', ' -73.9 ')).toEqual([40.70349715, -73.9]);
    expect(placed('4e1', '.5')).toEqual([40, 0.5]);
    expect(placed(0, '0')).toEqual([0, 0]);
  });

  it.each([
    ['', ''],
    ['north', '-73.9'],
    [40.7, undefined],
    [null, -73.9],
    ['0x10', '1'],
    ['Infinity', '1'],
    [Number.NaN, 1],
    [true, 1],
    [[40.7], 1],
    [90.1, 0],
    [0, -180.1],
  ])('has no place when latitude is %p and longitude is %p', (lat, lon) => {
    expect(placed(lat, lon)).toEqual([undefined, undefined]);
  });

  it.each([[undefined], [null], [''], ['  '], [{}], [[]], [true]])('has no category when it is %p', (kind) => {
    expect(read({ kind }).category).toBe(noCategory);
  });

  it('cuts a long category at 200 characters and never in the middle of one', () => {
    expect(read({ kind: 'x'.repeat(300) }).category).toBe('x'.repeat(200));
    expect(read({ kind: '🏙'.repeat(300) }).category).toBe('🏙'.repeat(200));
  });

  it('leaves out what no database takes', () => {
    expect(read({ kind: 'No\0ise\uD800' }).category).toBe('Noise\uFFFD');
  });

  it('takes a time without offset as UTC and leaves out what is no ISO time', () => {
    expect(read({ at: '2026-03-14T01:20:00' }).occurredAt).toEqual(new Date('2026-03-14T01:20:00Z'));
    expect(read({ at: '2026-03-14' }).occurredAt).toEqual(new Date('2026-03-14T00:00:00Z'));
    for (const at of ['3/14/2025 1:20', '2026-13-01', '0000-01-01', 'now', 5])
      expect(read({ at }).occurredAt).toBeUndefined();
  });

  it.each([[null], ['text'], [7], [[]]])('makes a bare case of %p', (data) => {
    expect(read(data)).toEqual({ category: noCategory });
  });
});
