import type { TermsV1 } from '@govbus/contracts';
import { isAreaWithin, narrowArea } from './areas';
import { checkTerms } from './check-terms';
import { compileLens } from './lens';

const terms: TermsV1 = {
  purposes: ['return-flow'],
  legalBasis: 'article 24',
  fields: ['/id'],
  masks: [],
  validFrom: '2026-01-01T00:00:00Z',
  validTo: '2027-01-01T00:00:00Z',
  deliveryModes: ['pull'],
  area: { field: '/place/area', codes: ['370215000000', '370203000000'] },
};
const matches = (given: TermsV1, area: unknown): boolean =>
  compileLens(given, { pseudonymKey: Buffer.alloc(32) }).matches({ id: '1', place: { area } });

// Codes of every level that are near each other: each digit of a level is one of two, and zero is among them.
const codes = ['37', '30'].flatMap((province) =>
  ['', '02', '00', '20'].flatMap((city) =>
    ['', '15', '10'].flatMap((county) =>
      ['', '002', '020'].flatMap((town) =>
        ['', '001', '100'].map((community) => `${province}${city}${county}${town}${community}`.padEnd(12, '0')),
      ),
    ),
  ),
);

describe('areas', () => {
  it.each([
    ['370215002001', '370000000000', true],
    ['370215002001', '370200000000', true],
    ['370215002001', '370215000000', true],
    ['370215002001', '370215002000', true],
    ['370215002001', '370215002001', true],
    ['370215000000', '370215000000', true],
    ['370215000000', '370215002000', false],
    ['370225002000', '370215000000', false],
    ['370200000000', '370215000000', false],
    ['370215', '370215000000', false],
    [370215002001, '370215000000', false],
    [undefined, '370215000000', false],
    ['370215002000', '370215', false],
  ])('%s within %s: %s', (inner, outer, expected) => {
    expect(isAreaWithin(inner, outer)).toBe(expected);
  });

  it('contain themselves, contain what their parts contain, and are only equal when each contains the other', () => {
    let chains = 0;
    for (const a of codes) {
      expect(isAreaWithin(a, a)).toBe(true);
      for (const b of codes) {
        if (!isAreaWithin(a, b)) continue;
        if (isAreaWithin(b, a)) expect(a).toBe(b);
        for (const c of codes)
          if (isAreaWithin(b, c)) {
            expect(isAreaWithin(a, c)).toBe(true);
            chains++;
          }
      }
    }
    expect(chains).toBeGreaterThan(codes.length);
  });
});

describe('the area of an agreement', () => {
  it('gives the records of its areas and no other', () => {
    for (const code of codes)
      expect(matches(terms, code)).toBe(terms.area?.codes.some((area) => isAreaWithin(code, area)));
  });

  it.each([undefined, null, '', 370215002001, ['370215002001'], { code: '370215002001' }, '370215', '3702150020010'])(
    'never gives a record whose code is %j',
    (area) => {
      expect(matches(terms, area)).toBe(false);
    },
  );

  it('holds together with the row filter', () => {
    const both = { ...terms, rowFilter: { equals: { field: '/id', value: '2' } } };
    expect(matches(both, '370215002001')).toBe(false);
    expect(matches({ ...both, rowFilter: { equals: { field: '/id', value: '1' } } }, '370215002001')).toBe(true);
  });

  it('narrowed to any area, gives what both give: never more', () => {
    for (const areaCode of codes)
      for (const code of codes) {
        const isGiven = matches(narrowArea(terms, areaCode), code);
        const isAgreed = terms.area?.codes.some((area) => isAreaWithin(areaCode, area)) ?? false;
        expect(isGiven).toBe(isAgreed && isAreaWithin(code, areaCode));
        if (isGiven) expect(matches(terms, code)).toBe(true);
      }
  });

  it('narrowed where the terms name no area, gives nothing', () => {
    expect(matches(narrowArea({ ...terms, area: undefined }, '370215000000'), '370215000000')).toBe(false);
  });

  it('is over a field of the dataset', () => {
    const id = { pointer: '/id', classification: 'public' as const };
    const area = { pointer: '/place/area', classification: 'public' as const };
    expect(checkTerms(terms, [id, area])).toEqual([]);
    expect(checkTerms(terms, [id])).toMatchObject([{ pointer: '/area/field', code: 'field.unknown' }]);
  });
});
