import 'reflect-metadata';
import { generateKeyPairSync } from 'node:crypto';
import { DomainError } from '@govbus/contracts';
import { hashOfSecret, isOneOf, readPublicJwks } from './credential.rules';

const pair = (namedCurve: string) => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve });
  return { public: publicKey.export({ format: 'jwk' }), private: privateKey.export({ format: 'jwk' }) };
};

describe('isOneOf', () => {
  it('finds any of several secrets, and none that was not given', () => {
    const hashes = ['old', 'new'].map(hashOfSecret);
    expect(isOneOf(hashes, 'old')).toBe(true);
    expect(isOneOf(hashes, 'new')).toBe(true);
    expect(isOneOf(hashes, 'other')).toBe(false);
    expect(isOneOf([], 'old')).toBe(false);
  });

  it('does not take a hash for its secret, nor a broken hash for anything', () => {
    expect(isOneOf([hashOfSecret('s')], hashOfSecret('s'))).toBe(false);
    expect(isOneOf([''], '')).toBe(false);
  });
});

describe('readPublicJwks', () => {
  it('keeps the public parts and says what they are for', () => {
    const key = pair('P-256').public;
    expect(readPublicJwks({ keys: [{ ...key, kid: 'k1', ext: true }] })).toEqual({
      keys: [{ kty: 'EC', crv: 'P-256', x: key.x, y: key.y, kid: 'k1', use: 'sig', alg: 'ES256' }],
    });
  });

  it.each([
    ['a private key', pair('P-256').private, 'private-key'],
    ['another curve', pair('P-384').public, 'wrong-type'],
    ['a point off the curve', { ...pair('P-256').public, y: 'A'.repeat(43) }, 'wrong-point'],
    ['a coordinate of another length', { ...pair('P-256').public, x: 'AAAA' }, 'wrong-point'],
    ['no object', 'key', 'not-a-key'],
    ['a kid that is no text', { ...pair('P-256').public, kid: 1 }, 'wrong-kid'],
  ])('refuses %s', (_name, key, code) => {
    const faults = faultsOf(() => readPublicJwks({ keys: [pair('P-256').public, key] }));
    expect(faults).toEqual([expect.objectContaining({ pointer: '/jwks/keys/1', code })]);
    expect(JSON.stringify(faults)).not.toContain('"d"');
  });

  it.each([[undefined], [{}], [{ keys: [] }], [{ keys: Array(6).fill(pair('P-256').public) }]])(
    'refuses what is no set of keys: %#',
    (input) => {
      expect(() => readPublicJwks(input)).toThrow(expect.objectContaining({ code: 'jwks.invalid' }));
    },
  );
});

function faultsOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    if (error instanceof DomainError && error.code === 'jwks.invalid') return error.details.faults;
    throw error;
  }
  throw new Error('nothing was refused');
}
