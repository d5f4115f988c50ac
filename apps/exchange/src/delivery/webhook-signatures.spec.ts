import { createPublicKey, verify } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { newSigningKey, signatureBy } from './webhook-signatures';

const [id, body, at] = ['msg_p5jXN8AQM9LWM0D4loKWxJek', '{"test": 2432232314}', new Date(1614265330_000)];

it('signs by a shared secret as Standard Webhooks does', () => {
  // The example of the specification.
  expect(signatureBy('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', id, at, body)).toBe(
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  );
  const key = newSigningKey('v1');
  expect(key).toMatchObject({ secret: expect.stringMatching(/^whsec_.{44}$/) as string, publicKey: null });
  expect(key.shown).toBe(key.secret);
  const now = new Date();
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': signatureBy(key.secret, id, now, body),
  };
  expect(new Webhook(key.secret).verify(body, headers)).toEqual({ test: 2432232314 });
});

it('signs by a key that is not shown, so that the public one verifies it and nothing else', () => {
  const key = newSigningKey('v1a');
  expect(key.secret).toMatch(/^whsk_.{44}$/);
  expect(key.shown).toBeUndefined();
  const verifies = (by: string | null, signature: string, signed: string): boolean => {
    const x = Buffer.from(by?.replace('whpk_', '') ?? '', 'base64').toString('base64url');
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    return verify(null, Buffer.from(signed), publicKey, Buffer.from(signature.replace('v1a,', ''), 'base64'));
  };
  const signature = signatureBy(key.secret, id, at, body);
  expect(signature).toMatch(/^v1a,.{88}$/);
  expect(verifies(key.publicKey, signature, `${id}.1614265330.${body}`)).toBe(true);
  expect(verifies(key.publicKey, signature, `${id}.1614265331.${body}`)).toBe(false);
  expect(verifies(newSigningKey('v1a').publicKey, signature, `${id}.1614265330.${body}`)).toBe(false);
});
