import type { TermsV1 } from '@govbus/contracts';
import { askedOf, compileConditions, isShownPlain, readQuestion, requireGranted } from './query.rules';

const terms = (fields: string[], masked: string[] = []): TermsV1 => ({
  purposes: ['case-handling'],
  legalBasis: 'Regulation',
  fields,
  masks: masked.map((field) => ({ field, kind: 'redact' })),
  validFrom: '2020-01-01T00:00:00Z',
  validTo: '2099-01-01T00:00:00Z',
  deliveryModes: ['query'],
});
const where = (...pointers: string[]) => pointers.map((pointer) => ({ pointer, value: 'x' }));

describe('readQuestion', () => {
  it('takes one of key and where', () => {
    expect(readQuestion({ key: 'a' })).toEqual({ key: 'a' });
    expect(readQuestion({ where: { '/a': 1, '/b': null } })).toEqual({
      where: [
        { pointer: '/a', value: 1 },
        { pointer: '/b', value: null },
      ],
    });
  });

  it.each([
    {},
    { key: 'a', where: { '/a': 1 } },
    { where: {} },
    { where: 'x' },
    { where: { a: 1 } },
    { where: { '/a': [1] } },
    { where: { '/a': 'x'.repeat(1025) } },
    { where: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`/${i}`, i])) },
  ])('refuses %j', (request) => {
    expect(() => readQuestion(request)).toThrow(expect.objectContaining({ code: 'query.invalid' }));
  });

  it('says where, and never what', () => {
    try {
      readQuestion({ where: { '/a/b': { secret: 1 } } });
    } catch (error) {
      expect(error).toMatchObject({ details: { faults: [{ pointer: '/where/~1a~1b', code: 'query.value' }] } });
      expect(JSON.stringify(error)).not.toContain('secret');
    }
    expect.assertions(2);
  });

  it('takes names of 1,024 characters and of 32 steps', () => {
    for (const name of [`/${'x'.repeat(1023)}`, '/x'.repeat(32)])
      expect(readQuestion({ where: { [name]: null } })).toEqual({ where: [{ pointer: name, value: null }] });
  });

  it.each([
    ['characters', `/${'x'.repeat(1024)}`, '/where'],
    ['steps', '/'.repeat(33), `/where/${'~1'.repeat(33)}`],
    ['characters and steps', `/name/1${'/'.repeat(1_000_000)}`, '/where'],
    ['characters that are no pointer', 'x'.repeat(1_000_000), '/where'],
  ])('refuses names with too many %s, and repeats none that is too long', (_, name, pointer) => {
    const faults = [{ pointer, code: 'query.field', detail: expect.stringContaining('1024 characters and 32 steps') }];
    expect(() => readQuestion({ where: { [name]: null } })).toThrow(
      expect.objectContaining({ code: 'query.invalid', details: { faults } }),
    );
  });
});

describe('what is granted', () => {
  it('covers what lies below a granted field, and nothing beside or above it', () => {
    expect(() => requireGranted(where('/a', '/a/b'), terms(['/a']))).not.toThrow();
    for (const pointer of ['/ab', '/b', '/c', '/c/e'])
      expect(() => requireGranted(where(pointer), terms(['/a', '/c/d']))).toThrow(
        expect.objectContaining({ code: 'query.field-not-granted' }),
      );
  });

  it('is plain only without a mask on it, above it, below it, or on all elements', () => {
    expect(isShownPlain('/a', terms(['/a'], ['/b']))).toBe(true);
    expect(isShownPlain('/a', terms(['/b']))).toBe(false);
    expect(isShownPlain('/a', terms(['/a'], ['/a']))).toBe(false);
    expect(isShownPlain('/a/b', terms(['/a'], ['/a']))).toBe(false);
    expect(isShownPlain('/a', terms(['/a'], ['/a/b']))).toBe(false);
    expect(isShownPlain('/a/0/b', terms(['/a'], ['/a/b']))).toBe(false);
  });
});

describe('compileConditions', () => {
  it('compares type and value, and takes what is missing for null', () => {
    const shown = { a: 1, b: { c: 'x' }, d: null };
    expect(compileConditions([{ pointer: '/a', value: 1 }])(shown)).toBe(true);
    expect(compileConditions([{ pointer: '/a', value: '1' }])(shown)).toBe(false);
    expect(compileConditions([{ pointer: '/b/c', value: 'x' }])(shown)).toBe(true);
    expect(compileConditions([{ pointer: '/b', value: 'x' }])(shown)).toBe(false);
    for (const pointer of ['/d', '/e', '/b/c/f', '/__proto__'])
      expect(compileConditions([{ pointer, value: null }])(shown)).toBe(true);
    expect(compileConditions([...where('/b/c'), { pointer: '/a', value: 2 }])(shown)).toBe(false);
  });
});

it('finds what was asked of a field', () => {
  expect(askedOf([{ pointer: '/a', value: 7 }], '/a')).toBe('7');
  for (const value of [null, '']) expect(askedOf([{ pointer: '/a', value }], '/a')).toBeUndefined();
  expect(askedOf(where('/b'), '/a')).toBeUndefined();
});
