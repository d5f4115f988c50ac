import { createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

/**
 * How deliveries are signed: `v1` with a secret that both sides hold (HMAC-SHA256), `v1a` with a key that never leaves the
 * exchange (Ed25519), so that whoever has the public one can tell, and prove to others, where a delivery comes from.
 *
 * Source: Standard Webhooks 1.0.0, "Signature scheme".
 */
export const webhookSignatures = ['v1', 'v1a'] as const;
export type WebhookSignature = (typeof webhookSignatures)[number];

/**
 * `secret` signs, `whsec_…` or `whsk_…`; `shown` is what the receiver is told of it, once; `publicKey` is `whpk_…`. There is
 * one of the two.
 */
export type SigningKey = { secret: string; shown?: string; publicKey: string | null };

// RFC 8410: what stands before the 32 bytes of an Ed25519 key, in PKCS #8.
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const privatePrefix = 'whsk_';

export function newSigningKey(signature: WebhookSignature): SigningKey {
  if (signature === 'v1') {
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    return { secret, shown: secret, publicKey: null };
  }
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(pkcs8.length);
  const point = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  return { secret: privatePrefix + seed.toString('base64'), publicKey: `whpk_${point.toString('base64')}` };
}

/** The signature of a body sent at a moment under an id, by a secret of `newSigningKey`. */
export function signatureBy(secret: string, id: string, at: Date, body: string): string {
  if (!secret.startsWith(privatePrefix)) return new Webhook(secret).sign(id, at, body);
  const seed = Buffer.from(secret.slice(privatePrefix.length), 'base64');
  const key = createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' });
  const signed = Buffer.from(`${id}.${Math.floor(at.getTime() / 1000)}.${body}`);
  return `v1a,${sign(null, signed, key).toString('base64')}`;
}
