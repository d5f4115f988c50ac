import type { TermsV1 } from '@govbus/contracts';
import { checkTerms } from './check-terms';
import { compileLens } from './lens';

const key = { pseudonymKey: Buffer.alloc(32, 7) };
const terms = (over: Partial<TermsV1>): TermsV1 => ({
  purposes: ['case-handling'],
  legalBasis: 'article 1',
  fields: ['/id'],
  masks: [],
  validFrom: '2026-01-01T00:00:00Z',
  validTo: '2027-01-01T00:00:00Z',
  deliveryModes: ['pull'],
  ...over,
});

describe('compileLens', () => {
  it('shows granted fields and nothing else', () => {
    const { project } = compileLens(terms({ fields: ['/id', '/place/city'] }), key);
    const data = { id: 1, secret: 'planted', place: { city: 'Y', street: 'planted' } };
    expect(project(data)).toEqual({ id: 1, place: { city: 'Y' } });
  });

  it('masks every element of an array', () => {
    const masks = [{ field: '/people/name', kind: 'redact' as const }];
    const { project } = compileLens(terms({ fields: ['/people'], masks }), key);
    expect(project({ people: [{ name: 'planted', age: 3 }, { name: 'planted' }] })).toEqual({
      people: [{ name: null, age: 3 }, { name: null }],
    });
  });

  it('masks an element that a pointer counts as well as those that none does', () => {
    const masks = [
      { field: '/people/name', kind: 'redact' as const },
      { field: '/people/0/age', kind: 'redact' as const },
    ];
    const { project } = compileLens(terms({ fields: ['/people'], masks }), key);
    expect(
      project({
        people: [
          { name: 'planted', age: 3 },
          { name: 'planted', age: 4 },
        ],
      }),
    ).toEqual({
      people: [
        { name: null, age: null },
        { name: null, age: 4 },
      ],
    });
  });

  it.each([
    [{ kind: 'partial' as const, params: { keepStart: 1, keepEnd: 1 } }, 'Martin', 'M***n'],
    [{ kind: 'partial' as const, params: { keepStart: 3 } }, 'Al', '***'],
    [{ kind: 'generalise' as const, params: { decimals: 2 } }, 40.71277, 40.71],
    [{ kind: 'generalise' as const, params: { decimals: 2 } }, '40.71277', '40.71'],
    [{ kind: 'generalise' as const, params: { keep: 'month' } }, '2026-03-04T05:06:07Z', '2026-03'],
    [{ kind: 'generalise' as const, params: { keep: 'month' } }, 'planted', null],
    [{ kind: 'partial' as const, params: {} }, { deep: 'planted' }, null],
  ])('masks by %j', (mask, value, shown) => {
    const { project } = compileLens(terms({ masks: [{ field: '/id', ...mask }] }), key);
    expect(project({ id: value })).toEqual({ id: shown });
  });

  it('gives one value one pseudonym within an agreement, and another under another key', () => {
    const masked = terms({ masks: [{ field: '/id', kind: 'pseudonym' }] });
    const first = compileLens(masked, key).project({ id: 'planted' });
    expect(first).toEqual(compileLens(masked, key).project({ id: 'planted' }));
    expect(first).not.toEqual(compileLens(masked, { pseudonymKey: Buffer.alloc(32, 8) }).project({ id: 'planted' }));
    expect(JSON.stringify(first)).not.toContain('planted');
  });

  it('keeps `__proto__` a field like others', () => {
    const data: unknown = JSON.parse('{"__proto__": {"id": "planted"}, "id": 1}');
    expect(compileLens(terms({}), key).project(data)).toEqual({ id: 1 });
  });

  it('selects rows by the whole filter language; a missing value is null', () => {
    const rowFilter = {
      all: [
        { any: [{ equals: { field: '/area', value: 'north' } }, { prefix: { field: '/area', value: 'so' } }] },
        { not: { in: { field: '/kind', values: ['x', 'y'] } } },
        { equals: { field: '/gone', value: null } },
      ],
    };
    const { matches } = compileLens(terms({ rowFilter }), key);
    expect(matches({ area: 'north' })).toBe(true);
    expect(matches({ area: 'south', kind: 'z' })).toBe(true);
    expect(matches({ area: 'south', kind: 'x' })).toBe(false);
    expect(matches({ area: 'east' })).toBe(false);
    expect(matches({ area: 'north', gone: 1 })).toBe(false);
  });

  it('selects rows by the elements of a list, not by how many there are', () => {
    const { matches } = compileLens(terms({ rowFilter: { equals: { field: '/list/1', value: 2 } } }), key);
    expect([matches({ list: [1, 2] }), matches({ list: [2] })]).toEqual([true, false]);
    const byLength = compileLens(terms({ rowFilter: { equals: { field: '/list/length', value: 2 } } }), key);
    expect([byLength.matches({ list: [1, 2] }), byLength.matches({ list: { length: 2 } })]).toEqual([false, true]);
  });
});

describe('checkTerms', () => {
  const fields = [
    { pointer: '/id', classification: 'public' as const },
    { pointer: '/health', classification: 'sensitive' as const },
    { pointer: '/people', classification: 'internal' as const },
    { pointer: '/people/illness', classification: 'sensitive' as const },
  ];

  it('accepts sound terms', () => {
    expect(checkTerms(terms({}), fields)).toEqual([]);
    const masks = [{ field: '/people/illness', kind: 'redact' as const }];
    expect(checkTerms(terms({ fields: ['/people'], masks }), fields)).toEqual([]);
  });

  it.each([
    [{ fields: ['/nowhere'] }, '/fields/0', 'field.unknown'],
    [{ fields: ['/health'] }, '/masks', 'mask.missing'],
    [{ fields: ['/people'] }, '/masks', 'mask.missing'],
    [{ fields: ['/people/0'] }, '/masks', 'mask.missing'],
    [{ fields: ['/people/0/illness'] }, '/masks', 'mask.missing'],
    [
      { fields: ['/people'], masks: [{ field: '/people/0/illness', kind: 'redact' as const }] },
      '/masks',
      'mask.missing',
    ],
    [
      { masks: [{ field: '/id', kind: 'generalise' as const, params: { decimals: 500, keep: 'year' } }] },
      '/masks/0/params',
      'mask.params',
    ],
    [{ masks: [{ field: '/health', kind: 'redact' as const }] }, '/masks/0/field', 'mask.useless'],
    [{ masks: [{ field: '/id', kind: 'generalise' as const }] }, '/masks/0/params', 'mask.params'],
    [{ rowFilter: { equals: { field: '/nowhere', value: 1 } } }, '/rowFilter', 'field.unknown'],
    [{ validTo: '2026-01-01T00:00:00Z' }, '/validTo', 'period.empty'],
  ])('refuses %j', (over, pointer, code) => {
    expect(checkTerms(terms(over), fields)).toContainEqual(expect.objectContaining({ pointer, code }));
  });
});
