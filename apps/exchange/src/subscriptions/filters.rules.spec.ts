import 'reflect-metadata';
import { type EventFilter, passes, readFilters, visibleTo } from './filters.rules';

const event = {
  id: '1',
  source: '/datasets/animals',
  type: 'exchange.record-shared.v1',
  data: { Area: 'north', count: 7, isWild: true, type: 'cat', inner: { area: 'south' }, none: null },
};
const visible = visibleTo(event);
const filtered = (...filters: EventFilter[]) => passes(readFilters(filters, '/filters'), visible);

describe('filters', () => {
  it('see attributes and the top-level scalars of the data', () => {
    expect(Object.fromEntries(visible)).toEqual({
      id: '1',
      source: '/datasets/animals',
      type: 'exchange.record-shared.v1',
      area: 'north',
      count: '7',
      iswild: 'true',
    });
  });
  it('hold when all that is listed exists and matches, in this very case', () => {
    expect(filtered({ exact: { area: 'north', count: '7' } })).toBe(true);
    expect(filtered({ exact: { area: 'North' } })).toBe(false);
    expect(filtered({ exact: { area: 'north', missing: 'x' } })).toBe(false);
    expect([filtered({ prefix: { area: 'no' } }), filtered({ prefix: { area: 'th' } })]).toEqual([true, false]);
    expect([filtered({ suffix: { area: 'th' } }), filtered({ suffix: { area: 'no' } })]).toEqual([true, false]);
  });
  it('are joined', () => {
    const [yes, no]: EventFilter[] = [{ exact: { area: 'north' } }, { exact: { area: 'south' } }];
    if (!yes || !no) throw new Error('two filters');
    expect([filtered({ all: [yes, yes] }), filtered({ all: [yes, no] })]).toEqual([true, false]);
    expect([filtered({ any: [no, yes] }), filtered({ any: [no, no] })]).toEqual([true, false]);
    expect([filtered({ not: no }), filtered({ not: { exact: { missing: 'x' } } })]).toEqual([true, true]);
    expect([filtered(), filtered(yes, no)]).toEqual([true, false]);
  });
  it.each([
    ['x', '/filters'],
    [[1], '/filters/0'],
    [[{}], '/filters/0'],
    [[{ exact: { a: 'b' }, prefix: { a: 'b' } }], '/filters/0'],
    [[{ exact: {} }], '/filters/0/exact'],
    [[{ exact: { a: '' } }], '/filters/0/exact'],
    [[{ exact: { a: 1 } }], '/filters/0/exact'],
    [[{ sql: 'area =' }], '/filters/0/sql'],
    [[{ cesql: 1 }], '/filters/0/cesql'],
    [[{ regex: { a: 'b' } }], '/filters/0/regex'],
    [[{ exact: { a: 'b' } }, { all: [] }], '/filters/1/all'],
    [[{ any: [{ not: { regex: { a: 'b' } } }] }], '/filters/0/any/0/not/regex'],
  ])('refuses %j and says where', (value, pointer) =>
    expect(() => readFilters(value, '/filters')).toThrow(
      expect.objectContaining({ code: 'filter.invalid', details: { faults: [expect.objectContaining({ pointer })] } }),
    ),
  );
  it('are expressions in CESQL too, on what the others see', () => {
    expect(filtered({ sql: "area = 'north' AND count > 6" })).toBe(true);
    expect(filtered({ sql: "area = 'north'" }, { not: { sql: 'count = 7' } })).toBe(false);
    expect(readFilters([{ cesql: 'EXISTS area' }], '/filters')).toEqual([{ sql: 'EXISTS area' }]);
    // Neither holds where an error arises.
    expect([filtered({ sql: 'inner = 1' }), filtered({ sql: 'data = 1' })]).toEqual([false, false]);
  });
  it('refuses expressions that are too long together, wherever they stand', () => {
    const of = (characters: number): EventFilter => ({ sql: `area = '${'x'.repeat(characters - 9)}'` });
    expect(readFilters([of(2_000), { any: [of(1_000), { not: of(1_000) }] }], '/filters')).toHaveLength(2);
    expect(() => readFilters([of(2_000), { any: [of(1_000), { not: of(1_001) }] }], '/filters')).toThrow(
      expect.objectContaining({
        code: 'filter.invalid',
        details: { faults: [expect.objectContaining({ pointer: '/filters/1/any/1/not/sql', code: 'filters.size' })] },
      }),
    );
  });
  it('refuses names, values and expressions that are too long together, in whatever dialects', () => {
    const of = (length: number): EventFilter => ({
      exact: { ['n'.repeat(length - 1_000)]: 'x'.repeat(1_000) },
    });
    const sql: EventFilter = { sql: `area = '${'x'.repeat(991)}'` };
    const filters = (length: number): EventFilter[] => [of(8_000), { any: [sql, { not: { all: [of(length)] } }] }];
    expect(readFilters(filters(7_000), '/filters')).toHaveLength(2);
    const pointer = '/filters/1/any/1/not/all/0/exact';
    expect(() => readFilters(filters(7_001), '/filters')).toThrow(
      expect.objectContaining({
        code: 'filter.invalid',
        details: { faults: [expect.objectContaining({ pointer, code: 'filters.size' })] },
      }),
    );
  });
  it.each(['exact', 'prefix', 'suffix'])('counts each attribute of %s as a filter', (dialect) => {
    const of = (count: number) => ({
      [dialect]: Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${i}`, 'x'])),
    });
    expect(readFilters([of(60), of(40)], '/filters')).toHaveLength(2);
    const pointer = `/filters/1/${dialect}`;
    expect(() => readFilters([of(60), of(41)], '/filters')).toThrow(
      expect.objectContaining({
        code: 'filter.invalid',
        details: { faults: [expect.objectContaining({ pointer, code: 'filters.size' })] },
      }),
    );
  });
  it('refuses too many levels', () => {
    let deep: object = { exact: { a: 'b' } };
    for (let i = 0; i < 8; i += 1) deep = { not: deep };
    expect(() => readFilters([deep], '/filters')).toThrow('a filter is not one that the bus knows');
  });
});

// A generator with a seed: the same thousand cases on each machine.
function generator(seed: number) {
  let state = seed;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const of = (values: string[]): string => values[next(values.length)] ?? '';
  const filter = (depth: number): EventFilter => {
    const leaf = { [of(['area', 'count', 'type', 'missing'])]: of(['north', 'n', 'h', '7', 'e']) };
    const kind = next(depth > 0 ? 6 : 3);
    if (kind === 0) return { exact: leaf };
    if (kind === 1) return { prefix: leaf };
    if (kind === 2) return { suffix: leaf };
    if (kind === 3) return { not: filter(depth - 1) };
    const inner = [filter(depth - 1), filter(depth - 1)];
    return kind === 4 ? { all: inner } : { any: inner };
  };
  const record = (): object => ({ ...event, data: { area: of(['north', 'south']), count: next(9) } });
  return { filter, record };
}

it('lets through a part of what comes without filters, split in two by each filter and its negation', () => {
  const { filter, record } = generator(7);
  let some = 0;
  for (let i = 0; i < 1000; i += 1) {
    const [one, two] = [filter(3), filter(3)];
    const shown = Array.from({ length: 5 }, () => visibleTo(record()));
    const passing = shown.filter((seen) => passes(readFilters([one], ''), seen));
    const others = shown.filter((seen) => passes([{ not: one }], seen));
    const both = shown.filter((seen) => passes([one, two], seen));
    expect(new Set([...passing, ...others])).toEqual(new Set(shown));
    expect(passing.length + others.length).toBe(shown.length);
    expect(passing).toEqual(expect.arrayContaining(both));
    some += passing.length;
  }
  expect(some).toBeGreaterThan(0);
  expect(some).toBeLessThan(5000);
});
