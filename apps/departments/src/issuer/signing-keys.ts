import { createPrivateKey } from 'node:crypto';
import { ConfigError } from '@govbus/platform';

/** A private key of the issuer as its file holds it. */
export type SigningKey = {
  kty: 'EC';
  crv: 'P-256';
  x: string;
  y: string;
  d: string;
  kid?: string;
  use: 'sig';
  alg: 'ES256';
};

/**
 * The signing keys in the text of `ISSUER_KEYS_FILE`: the first one signs, all are published, so that a new key is
 * known everywhere before it signs and an old one until its tokens have expired.
 *
 * Errors: `ConfigError`, without any part of a key.
 */
export function readSigningKeys(text: string): SigningKey[] {
  const wrong = (reason: string): ConfigError => new ConfigError([`ISSUER_KEYS_FILE ${reason}`]);
  let parsed: { keys?: unknown } | null;
  try {
    parsed = JSON.parse(text) as { keys?: unknown } | null;
  } catch {
    throw wrong('is not JSON');
  }
  const keys = parsed?.keys;
  if (!Array.isArray(keys) || keys.length === 0) throw wrong('must hold {"keys": [...]} with at least one key');
  return keys.map((key: Partial<SigningKey> | null, i) => {
    const { kty, crv, x, y, d, kid } = key ?? {};
    if (kty !== 'EC' || crv !== 'P-256' || !x || !y || !d) throw wrong(`key ${i} is no private EC key of curve P-256`);
    try {
      createPrivateKey({ key: { kty, crv, x, y, d }, format: 'jwk' });
    } catch {
      throw wrong(`key ${i} cannot be read`);
    }
    return { kty, crv, x, y, d, ...(kid && { kid }), use: 'sig', alg: 'ES256' };
  });
}
