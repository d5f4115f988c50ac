import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import jwt from 'jsonwebtoken';
import { atEnd } from './notes-app.shared.spec';

type SigningKey = { kid: string; privateKey: KeyObject; jwk: object };
export function newKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = randomUUID();
  return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES256' } };
}

/** An issuer whose published keys a spec changes, and which counts how often they are fetched. */
export class SpecIssuer {
  readonly keys: SigningKey[] = [newKey()];
  fetches = 0;
  isAway = false;
  url = '';

  static async start(): Promise<SpecIssuer> {
    const issuer = new SpecIssuer();
    const server = createServer((_, response) => {
      issuer.fetches++;
      response.writeHead(issuer.isAway ? 500 : 200, { 'content-type': 'application/json', connection: 'close' });
      response.end(JSON.stringify({ keys: issuer.keys.map(({ jwk }) => jwk) }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    issuer.url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/oidc`;
    atEnd(() => new Promise((resolve) => server.close(resolve)));
    return issuer;
  }

  /** Claims of a good token; `more` overrides them. */
  claims(more: object = {}): object {
    const iat = Math.floor(Date.now() / 1000);
    const own = { scope: 'admin catalog:read', department: '91350100M000100Y43', kind: 'officer', roles: ['clerk'] };
    return { iss: this.url, sub: 'officer-1', aud: 'govbus', iat, exp: iat + 600, jti: randomUUID(), ...own, ...more };
  }

  token(more: object = {}, { key = this.keys[0], typ = 'at+jwt' }: { key?: SigningKey; typ?: string } = {}): string {
    if (!key) throw new Error('no key');
    const header = { alg: 'ES256' as const, typ, kid: key.kid };
    return jwt.sign(JSON.parse(JSON.stringify(this.claims(more))) as object, key.privateKey, {
      algorithm: 'ES256',
      header,
    });
  }
}
