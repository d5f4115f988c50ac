import 'reflect-metadata';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { decoderOf, inflated } from './content-encoding';

const body = Buffer.from('{"a":1}');
const bound = 64 * 1024;

describe('inflated', () => {
  it.each([
    ['gzip', gzipSync(body)],
    ['X-GZIP', gzipSync(body)],
    ['deflate', deflateSync(body)],
    ['br', brotliCompressSync(body)],
    ['identity', body],
  ])('undoes %s', async (encoding, compressed) => {
    expect(await inflated(compressed, encoding, bound)).toEqual(body);
  });
  it('takes exactly the bound and not a byte more', async () => {
    expect(await inflated(gzipSync(Buffer.alloc(bound)), 'gzip', bound)).toHaveLength(bound);
    await expect(inflated(gzipSync(Buffer.alloc(bound + 1)), 'gzip', bound)).rejects.toMatchObject({ status: 413 });
  });
  it.each([
    ['gzip', gzipSync(Buffer.alloc(100_000_000))],
    ['deflate', deflateSync(Buffer.alloc(100_000_000))],
    ['br', brotliCompressSync(Buffer.alloc(10_000_000))],
  ])('a bomb of %s is 413', async (encoding, bomb) => {
    await expect(inflated(bomb, encoding, bound)).rejects.toMatchObject({ status: 413, code: 'body.too-large' });
  });
  it.each([
    ['gzip', gzipSync(body).subarray(0, -5)],
    ['gzip', body],
    ['gzip', Buffer.alloc(0)],
    ['deflate', gzipSync(body)],
    ['br', brotliCompressSync(body).subarray(0, 5)],
    ['br', Buffer.from('not brotli at all')],
  ])('what is not %s, or cut off, is malformed', async (encoding, broken) => {
    await expect(inflated(broken, encoding, bound)).rejects.toMatchObject({ kind: 'invalid', code: 'body.malformed' });
  });
});

describe('decoderOf', () => {
  it.each(['zstd', 'gzip, gzip', 'constructor'])('refuses `%s` and says what is taken', (encoding) => {
    expect(() => decoderOf(encoding)).toThrow(
      expect.objectContaining({ status: 415, headers: { 'accept-encoding': 'gzip, deflate, br' } }),
    );
  });
});
