import { DomainError } from '@govbus/contracts';
import { checkSchema, checkTogether, maxBytes, maxBytesTogether } from './schema.rules';

const schema = {
  type: 'object',
  properties: { id: { type: 'string' }, 'a/b': { type: 'object', properties: { 'm~n': {} } } },
};
function refusal(act: () => void): { code: string; pointers: string[] } | undefined {
  try {
    act();
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { code: error.code, pointers: (error.details.faults ?? []).map(({ pointer }) => pointer) };
  }
  return undefined;
}
const filled = (bytes: number) => ({ ...schema, description: 'x'.repeat(bytes) });

describe('checkSchema', () => {
  it('finds fields at escaped pointers, and none on the way of inherited names', () => {
    const pointers = { '/keyPointer': '/id', '/fields/0/pointer': '/a~1b/m~0n' };
    expect(refusal(() => checkSchema(schema, pointers))).toBeUndefined();
    const wrong = { '/a': '/a/b', '/b': '/id/length', '/c': '/toString', '/d': '/a~1b/m~0n/x' };
    expect(refusal(() => checkSchema(schema, wrong))).toEqual({
      code: 'dataset.invalid',
      pointers: ['/a', '/b', '/c', '/d'],
    });
  });

  it.each([
    ['no object', { type: 'string' }, '/schema/type'],
    ['an unknown keyword', { ...schema, requires: ['id'] }, '/schema'],
    [
      'a broken pattern',
      { type: 'object', properties: { id: { type: 'string', pattern: '(' } } },
      '/schema/properties/id/pattern',
    ],
    [
      'a reference to nothing',
      { type: 'object', properties: { id: { $ref: '#/$defs/none' } } },
      '/schema/properties/id/$ref',
    ],
    [
      'a pattern that looks back',
      { type: 'object', properties: { id: { pattern: '(a)\\1' } } },
      '/schema/properties/id/pattern',
    ],
    ['references that go in circles', { type: 'object', allOf: [{ $ref: '#' }] }, '/schema'],
    ['an asynchronous check', { ...schema, $async: true }, '/schema'],
    ['an asynchronous part', { ...schema, $defs: { part: { $async: true, type: 'string' } } }, '/schema/$defs/part'],
  ])('refuses %s', (_, broken, pointer) => {
    expect(refusal(() => checkSchema(broken, {}))).toEqual({ code: 'schema.invalid', pointers: [pointer] });
  });

  it('bounds its size', () => {
    expect(refusal(() => checkSchema(filled(maxBytes), {}))?.code).toBe('schema.too-large');
  });
});

describe('checkTogether', () => {
  it('bounds the sum of the versions', () => {
    const quarter = filled(maxBytesTogether / 4 - 200);
    expect(refusal(() => checkTogether([quarter, quarter, quarter, quarter]))).toBeUndefined();
    expect(refusal(() => checkTogether([quarter, quarter, quarter, quarter, quarter]))?.code).toBe('schema.too-many');
  });
});
