import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { linearPattern } from './linear-pattern';
import { DomainError } from './errors';
import { compilePayloadSchema } from './payload-schema';

const text = { type: 'string' };
const part = '#/$defs/part';
const anObject = (properties: object, $defs: object = {}) => ({ type: 'object', properties, $defs });
const many = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const named = (count: number, make: (i: number) => object) =>
  Object.fromEntries(many(count, (i) => [`p${i}`, make(i)]));
const doubling = (levels: number) =>
  named(levels, (i) => ({ allOf: many(2, () => (i === levels - 1 ? text : { $ref: `#/$defs/p${i + 1}` })) }));
const nested = (levels: number): object => (levels === 0 ? text : { not: nested(levels - 1) });

function pointersOf(schema: Record<string, unknown>): string[] {
  try {
    compilePayloadSchema(schema, 'lenient');
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return (error.details.faults ?? []).map(({ pointer }) => pointer);
  }
  return [];
}

describe('compilePayloadSchema', () => {
  it.each([
    ['a reference in a circle', anObject({ x: { $ref: part } }, { part: { anyOf: [{ $ref: part }] } })],
    ['references that double', anObject({ x: { $ref: '#/$defs/p0' } }, doubling(12))],
    [
      'recursion that doubles on its way down',
      anObject({ x: { $ref: part } }, { part: { allOf: many(2, () => anObject({ x: { $ref: part } })) } }),
    ],
    [
      'names that two keywords follow down',
      anObject(
        { x: { $ref: part } },
        { part: { ...anObject({ x: { $ref: part } }), patternProperties: { x: { $ref: part } } } },
      ),
    ],
    ['a reference under many names', anObject({ x: { $ref: '#/%24defs/part' } }, { part: text })],
    ['a reference elsewhere', anObject({ x: { $dynamicRef: '#part' } }, { part: text })],
    ['more subschemas than are compiled', anObject(named(40, () => anObject(named(40, () => text))))],
    ['deep nesting', anObject({ x: nested(100) })],
    ['many values that are objects', anObject({ x: { enum: many(600, (i) => ({ i })) } })],
    ['a comparison of each item with each', anObject({ x: { type: 'array', uniqueItems: true } })],
    ['back-references', anObject({ x: { ...text, pattern: '^(a+)\\1$' } })],
    ['look-around', anObject({ x: { ...text, pattern: '^(?=a)' } })],
    ['patterns of another dialect', anObject({ x: { ...text, pattern: '\\Aa\\z' } })],
    ['large patterns', anObject({ x: { ...text, pattern: '^.{1,900}$' } })],
    ['many sets of letters', anObject(named(20, () => ({ ...text, pattern: `[${'\\p{L}'.repeat(100)}]` })))],
    ['a format that goes back and forth', anObject({ x: { ...text, format: 'url' } })],
    ['an asynchronous part', anObject({ x: { $ref: part } }, { part: { $async: true, type: 'string' } })],
  ])('refuses %s', (_, schema) => {
    expect(pointersOf(schema)).toHaveLength(1);
  });

  it('names the place', () => {
    expect(pointersOf(anObject({ 'a/b': { ...text, pattern: '(?=a)' } }))).toEqual(['/schema/properties/a~1b/pattern']);
    expect(pointersOf(anObject({ x: { $ref: '#/$defs/none' } }))).toEqual(['/schema/properties/x/$ref']);
  });

  it.each([
    ['a tree', anObject({ x: { $ref: part } }, { part: anObject({ left: { $ref: part }, right: { $ref: part } }) })],
    [
      'a long chain of references',
      anObject(
        { x: { $ref: '#/$defs/p0' } },
        named(99, (i) => (i < 98 ? { $ref: `#/$defs/p${i + 1}` } : text)),
      ),
    ],
    [
      'a part in many places',
      anObject(
        named(200, () => ({ $ref: part })),
        { part: anObject(named(200, () => text)) },
      ),
    ],
    ['items that are scalars and differ', anObject({ x: { type: 'array', items: text, uniqueItems: true } })],
    ['a property called like a keyword', anObject({ $id: text, $anchor: text })],
    [
      'usual patterns',
      anObject({ x: { ...text, pattern: '^[\\u4e00-\\u9fa5]{2,30}$' }, y: { ...text, pattern: '\\p{Script=Han}' } }),
    ],
  ])('takes %s', (_, schema) => {
    expect(pointersOf(schema)).toEqual([]);
  });

  it('checks a pattern in linear time', () => {
    const pattern = '^([a-zA-Z0-9]+\\.?)+@example$';
    const check = compilePayloadSchema(anObject({ mail: { ...text, pattern } }), 'strict');
    expect(check({ mail: `${'a'.repeat(50)}!` })).toBe(false);
    expect(check({ mail: 'a.b@example' })).toBe(true);
  });

  const draft = 'https://json-schema.org/draft/2020-12/schema';
  it('keeps schemas of one `$id` apart, also where it is that of the draft', () => {
    const checkOf = (type: string) =>
      compilePayloadSchema({ $id: draft, ...anObject({ x: { $ref: part } }, { part: { type } }) }, 'lenient');
    const checks = [checkOf('string'), checkOf('number')];
    expect(checks.map((check) => check({ x: 'text' }))).toEqual([true, false]);
    expect(pointersOf({ type: 'none' })).toEqual(['/schema']);
  });

  it('takes the draft by its names, and no other', () => {
    const verdicts = [draft, `${draft}#`, 'http://json-schema.org/draft-07/schema#', `${draft}#/$defs/x`, 7].map(
      ($schema) => pointersOf({ $schema, ...anObject({}) }),
    );
    expect(verdicts).toEqual([[], [], ...Array<string[]>(3).fill(['/schema/$schema'])]);
  });
});

describe('linearPattern', () => {
  it.each(['^[0-9]{18}$', '^\\d{4}-[A-Z]{2}$', '^[^a-c]{2}$', '^ab{2}\\.$', '^[a-z]+(-[a-z]+)*$', '\\u{1F600}', 'x|y'])(
    'tests as ECMAScript does: %s',
    (pattern) => {
      const texts = ['110105199003078811', '2026-AB', '12', '😀1', 'abb.', 'abbx', 'a-b', 'a-', '😀', 'xy', '', '1\n'];
      const { test } = linearPattern(pattern);
      expect(texts.map(test)).toEqual(texts.map((each) => new RegExp(pattern, 'u').test(each)));
    },
  );

  it('keeps little of the texts it has seen', () => {
    // Each text of 30 letters is a state of its own to an engine that learns.
    const patterns = Array.from({ length: 10 }, (_, i) => linearPattern(`a[ab]{30}[c<${i}>]`));
    const letters = bitsOf(10_000)
      .map((bit) => 'ab'[bit])
      .join('');
    collect();
    const before = process.memoryUsage().heapUsed;
    for (const { test } of patterns) expect(test(letters)).toBe(false);
    collect();
    const keptMiB = (process.memoryUsage().heapUsed - before) / 1024 / 1024;
    // Named once more, so that they are not collected before.
    expect(patterns).toHaveLength(10);
    expect(keptMiB).toBeLessThan(5);
  });
});

function collect(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

/** Bits that do not repeat. Source: Marsaglia, xorshift. */
function bitsOf(count: number): number[] {
  let x = 1;
  return Array.from({ length: count }, () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x & 1;
  });
}
