import 'reflect-metadata';
import { generateKeyPairSync } from 'node:crypto';
import { readSigningKeys } from './signing-keys';

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const privateKey = (kid: string) => ({ ...pair().privateKey.export({ format: 'jwk' }), kid });

describe('readSigningKeys', () => {
  it('reads the keys in their order', () => {
    const keys = readSigningKeys(JSON.stringify({ keys: [privateKey('new'), privateKey('old')] }));
    expect(keys.map(({ kid, alg, use }) => [kid, alg, use])).toEqual([
      ['new', 'ES256', 'sig'],
      ['old', 'ES256', 'sig'],
    ]);
  });

  it.each([
    ['no JSON', '-----BEGIN', 'is not JSON'],
    ['no keys', '{"keys":[]}', 'at least one key'],
    ['a public key', JSON.stringify({ keys: [pair().publicKey.export({ format: 'jwk' })] }), 'key 0 is no private'],
    ['a broken key', JSON.stringify({ keys: [privateKey('a'), { ...privateKey('b'), d: 'AA' }] }), 'key 1 cannot sign'],
  ])('refuses %s without telling what it read', (_name, text, reason) => {
    expect(() => readSigningKeys(text)).toThrow(reason);
  });
});
