import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import jwt from 'jsonwebtoken';
import { atEnd } from './notes-app.shared.spec';

export type SigningKey = { kid: string; privateKey: KeyObject; jwk: object };
export function newKey(kid: string = randomUUID()): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES256' } };
}

/** An issuer whose published keys and metadata a spec changes, and which counts how often the keys are fetched. */
export class SpecIssuer {
  readonly keys: SigningKey[] = [newKey()];
  fetches = 0;
  isAway = false;
  /** Where its keys are and its metadata; without metadata it has none. */
  keysPath = '/oidc/jwks';
  metadata: object | undefined;
  url = '';

  static async start(): Promise<SpecIssuer> {
    const issuer = new SpecIssuer();
    const server = createServer(({ url = '' }, response) => {
      const { status, body } = issuer.answer(url);
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
      response.end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    issuer.url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/oidc`;
    atEnd(() => new Promise((resolve) => server.close(resolve)));
    return issuer;
  }

  private answer(url: string): { status: number; body?: object } {
    if (url === this.keysPath) this.fetches++;
    if (this.isAway) return { status: 500 };
    if (url === this.keysPath) return { status: 200, body: { keys: this.keys.map(({ jwk }) => jwk) } };
    const isMetadata = this.metadata && url === '/oidc/.well-known/openid-configuration';
    return isMetadata ? { status: 200, body: this.metadata } : { status: 404 };
  }

  /** Claims of a good token; `more` overrides them. */
  claims(more: object = {}): object {
    const iat = Math.floor(Date.now() / 1000);
    const own = { scope: 'admin catalog:read', department: '91350100M000100Y43', kind: 'officer', roles: ['clerk'] };
    const standard = { iss: this.url, sub: 'officer-1', client_id: 'officer-1', aud: 'govbus', iat, exp: iat + 600 };
    return { ...standard, jti: randomUUID(), ...own, ...more };
  }

  token(more: object = {}, { key = this.keys[0], typ = 'at+jwt' }: { key?: SigningKey; typ?: string } = {}): string {
    if (!key) throw new Error('no key');
    const header = { alg: 'ES256' as const, typ, kid: key.kid };
    const claims = JSON.parse(JSON.stringify(this.claims(more))) as object;
    return jwt.sign(claims, key.privateKey, { algorithm: 'ES256', header, noTimestamp: !('iat' in claims) });
  }
}
