import { faultIn, maxBodyDepth } from './storable';

const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

describe('faultIn', () => {
  it.each([
    ['plain text', { names: { zh: '水务局', en: 'Water 🚰' }, list: [1, null, true, ['x']] }],
    ['the deepest body allowed', nested(maxBodyDepth)],
    ['no body', undefined],
    ['a body of bytes', Buffer.from('\0')],
    ['text that its route reads itself', '\0'],
  ])('finds nothing in %s', (_, input) => expect(faultIn(input)).toBeUndefined());

  it.each([
    ['NUL', { a: [{ 'b/c': 'x\0y' }] }, '/a/0/b~1c', 'text.unstorable'],
    ['half of a character', { a: 'x\ud83d' }, '/a', 'text.unstorable'],
    ['a name with NUL', { a: { 'b\0': 1 } }, '/a', 'text.unstorable'],
    ['a body that is too deep', nested(maxBodyDepth + 1), '', 'body.too-deep'],
    ['a body far too deep for the stack', nested(500_000), '', 'body.too-deep'],
  ])('finds %s', (_, input, pointer, code) => expect(faultIn(input)).toMatchObject({ pointer, code }));
});
