import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { ConfigError } from '@govbus/platform';

/** A private key of the issuer as its file holds it. */
export type SigningKey = {
  kty: 'EC';
  crv: 'P-256';
  x: string;
  y: string;
  d: string;
  kid: string;
  use: 'sig';
  alg: 'ES256';
};

/**
 * The signing keys in the text of `ISSUER_KEYS_FILE`: the first one signs, all are published, so that a new key is
 * known everywhere before it signs and an old one until its tokens have expired. One without `kid` gets its thumbprint.
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
  const read = keys.map((key: Partial<SigningKey> | null, i): SigningKey => {
    const { kty, crv, x, y, d, kid } = key ?? {};
    if (kty !== 'EC' || crv !== 'P-256' || !x || !y || !d) throw wrong(`key ${i} is no private EC key of curve P-256`);
    if (!isPair({ kty, crv, x, y }, d)) throw wrong(`key ${i} cannot sign: its parts do not fit together`);
    return { kty, crv, x, y, d, kid: kid || thumbprint({ crv, kty, x, y }), use: 'sig', alg: 'ES256' };
  });
  const first = new Map<string, number>();
  read.forEach(({ kid }, i) => {
    if (first.has(kid)) throw wrong(`keys ${first.get(kid)} and ${i} have the same \`kid\`: give each its own`);
    first.set(kid, i);
  });
  return read;
}

// Source: RFC 7638, section 3: these members in this order, and no others.
const thumbprint = ({ crv, kty, x, y }: Record<'crv' | 'kty' | 'x' | 'y', string>): string =>
  createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');

// Node takes a private part that does not belong to the point; every token would then be refused.
function isPair(point: { kty: 'EC'; crv: 'P-256'; x: string; y: string }, d: string): boolean {
  try {
    const probe = Buffer.from('probe');
    const signature = sign('sha256', probe, createPrivateKey({ key: { ...point, d }, format: 'jwk' }));
    return verify('sha256', probe, createPublicKey({ key: point, format: 'jwk' }), signature);
  } catch {
    return false;
  }
}
