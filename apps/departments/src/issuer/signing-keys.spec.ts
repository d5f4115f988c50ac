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

  it('gives a key without an id its thumbprint', () => {
    // Source: RFC 7517, appendix A.2, the EC key; the thumbprint as RFC 7638, section 3, has it.
    const key = {
      kty: 'EC',
      crv: 'P-256',
      x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
      y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
      d: '870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE',
    };
    const [read] = readSigningKeys(JSON.stringify({ keys: [key] }));
    expect(read?.kid).toBe('cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s');
  });

  it.each([
    [
      'two keys of one id',
      JSON.stringify({ keys: ['a', 'b', 'a'].map(privateKey) }),
      'keys 0 and 2 have the same `kid`',
    ],
    ['no JSON', '-----BEGIN', 'is not JSON'],
    ['no keys', '{"keys":[]}', 'must hold {"keys": [...]} with at least one key'],
    ['a public key', JSON.stringify({ keys: [pair().publicKey.export({ format: 'jwk' })] }), 'key 0 is no private'],
    ['a broken key', JSON.stringify({ keys: [privateKey('a'), { ...privateKey('b'), d: 'AA' }] }), 'key 1 cannot sign'],
  ])('refuses %s without telling what it read', (_name, text, reason) => {
    expect(() => readSigningKeys(text)).toThrow(`ISSUER_KEYS_FILE ${reason}`);
  });
});
