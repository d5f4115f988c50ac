import { DomainError } from '@govbus/contracts';
import { checkCompatible } from './schema-compatibility.rules';

const object = (properties: object, more: object = {}) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  ...more,
});
const text = { type: 'string' };
function faultsOf(before: object, after: object): string[] {
  try {
    checkCompatible({ ...before }, { ...after });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    expect([error.kind, error.code]).toEqual(['conflict', 'schema.incompatible']);
    return (error.details.faults ?? []).map(({ pointer }) => pointer.replace('/schema/', ''));
  }
  return [];
}
const one = (before: unknown, after: unknown): string[] =>
  faultsOf(object({ a: before }), object({ a: after })).map((pointer) => pointer.replace('properties/a/', ''));

describe('checkCompatible', () => {
  it.each([
    ['an optional property of a closed model', object({ a: text }), object({ a: text, b: text })],
    ['other words', object({ a: text }), object({ a: { ...text, title: 'A', description: 'a' } }, { title: 'T' })],
    ['what was required becoming optional', object({ a: text }, { required: ['a'] }), object({ a: text })],
    ['an opened model', object({ a: text }), object({ a: text }, { additionalProperties: true })],
    ['a definition that nobody used', object({ a: text }), object({ a: text }, { $defs: { d: text } })],
    ['a property that says nothing in an open model', { type: 'object' }, { type: 'object', properties: { b: {} } }],
  ])('takes %s', (_, before, after) => expect(faultsOf(before, after)).toEqual([]));

  it.each([
    [{ type: 'integer' }, { type: 'number' }],
    [text, { type: ['string', 'null'] }],
    [text, {}],
    [text, true],
    [false, text],
    [
      { ...text, minLength: 2, maxLength: 5 },
      { ...text, minLength: 1, maxLength: 6 },
    ],
    [{ ...text, pattern: 'a' }, text],
    [{ enum: ['a'] }, { enum: ['b', 'a'] }],
    [{ const: 'a' }, { enum: ['a', 'b'] }],
    [
      { type: 'array', items: { type: 'integer' } },
      { type: 'array', items: { type: 'number' } },
    ],
  ])('takes %j becoming %j', (before, after) => expect(one(before, after)).toEqual([]));

  it.each([
    ['a removed property', object({ a: text, b: text }), object({ a: text }), 'properties/b'],
    ['a renamed property', object({ 'a/b': text }), object({ c: text }), 'properties/a~1b'],
    ['a new required property', object({ a: text }), object({ a: text, b: text }, { required: ['b'] }), 'required'],
    [
      'a new property of an open model, which may hold anything under that name',
      { type: 'object', properties: {} },
      { type: 'object', properties: { b: text } },
      'properties/b/type',
    ],
    ['a closed model', { type: 'object', properties: {} }, object({}), 'additionalProperties'],
    ['a changed definition', object({}, { $defs: { d: text } }), object({}, { $defs: { d: {} } }), '$defs/d'],
    ['a keyword that is not compared', object({}), object({}, { allOf: [{ required: ['a'] }] }), 'allOf'],
  ])('refuses %s', (_, before, after, pointer) => expect(faultsOf(before, after)).toEqual([pointer]));

  it.each([
    [text, { type: 'number' }, 'type'],
    [{ type: 'number' }, { type: 'integer' }, 'type'],
    [{}, text, 'type'],
    [text, { ...text, minLength: 1 }, 'minLength'],
    [{ ...text, maxLength: 5 }, { ...text, maxLength: 4 }, 'maxLength'],
    [text, { ...text, pattern: 'a' }, 'pattern'],
    [{ ...text, format: 'date' }, { ...text, format: 'date-time' }, 'format'],
    [{ enum: ['a', 'b'] }, { enum: ['a'] }, 'enum'],
    [text, { ...text, enum: ['a'] }, 'enum'],
    [{ enum: ['a', 'b'] }, { const: 'a' }, 'const'],
    [{ type: 'array' }, { type: 'array', items: text }, 'items/type'],
    [{ $ref: '#/$defs/a' }, { $ref: '#/$defs/b' }, '$ref'],
    [object({ b: text }), {}, 'properties/b'],
    [object({ b: text }), true, 'properties/b'],
    [{ type: 'array', items: object({ b: text }) }, { type: 'array' }, 'items/properties/b'],
    [{ type: 'array', items: object({ b: text }) }, {}, 'items/properties/b'],
    [
      { type: 'object', additionalProperties: object({ b: text }) },
      { type: 'object' },
      'additionalProperties/properties/b',
    ],
  ])('refuses %j becoming %j', (before, after, keyword) => expect(one(before, after)).toEqual([keyword]));

  it('refuses a property that nothing fits any more', () => {
    expect(faultsOf(object({ a: text }), object({ a: false }))).toEqual(['properties/a']);
  });
});
