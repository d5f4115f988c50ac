import { createHash, createPublicKey, timingSafeEqual } from 'node:crypto';
import { type Fault, Invalid } from '@govbus/contracts';

export const credentialMethods = ['secret', 'private-key-jwt'] as const;
export type CredentialMethod = (typeof credentialMethods)[number];
/** Most credentials that a principal has at once: rotation with overlap needs two. */
export const maxCredentials = 10;
/** Most keys of one credential. */
export const maxKeys = 5;

export type PublicJwk = { kty: 'EC'; crv: 'P-256'; x: string; y: string; kid?: string; use: 'sig'; alg: 'ES256' };
export type PublicJwks = { keys: PublicJwk[] };

/**
 * What is stored of a secret: its SHA-256, hex. Enough, because every secret is 256 random bits: there is nothing to
 * guess that a slow hash would protect.
 */
export const hashOfSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Whether `secret` is one of those hashed; takes the same time whichever it is. */
export function isOneOf(hashes: readonly string[], secret: string): boolean {
  const given = Buffer.from(hashOfSecret(secret), 'hex');
  let found = false;
  for (const hash of hashes) {
    const known = Buffer.from(hash, 'hex');
    if (known.length === given.length && timingSafeEqual(known, given)) found = true;
  }
  return found;
}

/**
 * The public keys in `input`, with nothing else in them.
 *
 * Errors: `Invalid` `jwks.invalid` naming each wrong key; a private key is refused, not cut, because it has leaked.
 */
export function readPublicJwks(input: unknown): PublicJwks {
  const keys = typeof input === 'object' && input !== null && 'keys' in input ? input.keys : undefined;
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > maxKeys)
    throw new Invalid('jwks.invalid', `\`jwks\` must be {"keys": [...]} with 1 to ${maxKeys} keys`);
  const read = keys.map((key: unknown, i) => readKey(key, `/jwks/keys/${i}`));
  const faults = read.flatMap((result) => ('code' in result ? [result] : []));
  if (faults.length > 0)
    throw new Invalid('jwks.invalid', '`jwks` must hold public keys of the curve P-256', { faults });
  return { keys: read.flatMap((result) => ('code' in result ? [] : [result])) };
}

function readKey(key: unknown, pointer: string): PublicJwk | Fault {
  const fault = (code: string, detail: string): Fault => ({ pointer, code, detail });
  if (typeof key !== 'object' || key === null) return fault('not-a-key', 'must be a JSON Web Key');
  if ('d' in key) return fault('private-key', 'is a private key: do not use it any more, and send public keys only');
  const { kty, crv, x, y, kid } = key as Record<string, unknown>;
  if (kty !== 'EC' || crv !== 'P-256') return fault('wrong-type', 'must be of kty EC and crv P-256');
  if (kid !== undefined && (typeof kid !== 'string' || kid === '' || kid.length > 200))
    return fault('wrong-kid', '`kid` must be a text of 1 to 200 characters');
  if (!isCoordinate(x) || !isCoordinate(y)) return fault('wrong-point', '`x` and `y` must be 32 bytes in base64url');
  try {
    createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' });
  } catch {
    return fault('wrong-point', '`x` and `y` are no point of the curve');
  }
  return { kty, crv, x, y, ...(kid !== undefined && { kid }), use: 'sig', alg: 'ES256' };
}

const isCoordinate = (value: unknown): value is string => typeof value === 'string' && /^[\w-]{43}$/.test(value);
