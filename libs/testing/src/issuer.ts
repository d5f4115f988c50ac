import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import jwt from 'jsonwebtoken';

/** What a token says; anything else about it can be overridden by `more`. */
export type TestClaims = {
  id: string;
  department: string;
  scopes: string[];
  kind: 'system' | 'officer';
  roles: string[];
};

/** An issuer of real ES256 access tokens (RFC 9068) with its key set, and tokens for its clients, over HTTP. */
export class TestIssuer {
  private readonly clients = new Map<string, TestClaims>();

  private constructor(
    readonly url: string,
    private readonly server: Server,
    private readonly key: KeyObject,
    private readonly kid: string,
  ) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      if (request.url === '/oidc/token') void this.answer(request, response);
    });
  }

  static async start(): Promise<TestIssuer> {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const kid = randomUUID();
    const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES256' }] };
    const server = createServer((request, response) => {
      if (request.url === '/oidc/token') return;
      const known = request.url === '/oidc/jwks';
      response.writeHead(known ? 200 : 404, { 'content-type': 'application/json', connection: 'close' });
      response.end(JSON.stringify(known ? jwks : {}));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (typeof address !== 'object' || !address) throw new Error('the issuer has no port');
    return new TestIssuer(`http://127.0.0.1:${address.port}/oidc`, server, privateKey, kid);
  }

  /** A token of ten minutes; `more` overrides claims. */
  token({ id, department, scopes, kind, roles }: TestClaims, more: object = {}): Promise<string> {
    const iat = Math.floor(Date.now() / 1000);
    const claims = { iss: this.url, sub: id, client_id: id, aud: 'govbus', iat, exp: iat + 600, jti: randomUUID() };
    const own = { scope: scopes.join(' '), department, kind, roles };
    const header = { typ: 'at+jwt', alg: 'ES256', kid: this.kid };
    return Promise.resolve(jwt.sign({ ...claims, ...own, ...more }, this.key, { algorithm: 'ES256', header }));
  }

  /** The secret with which `claims.id` is given tokens at `<url>/token` (client credentials, RFC 6749 §4.4). */
  client(claims: TestClaims): string {
    const secret = randomUUID();
    this.clients.set(`Basic ${Buffer.from(`${claims.id}:${secret}`).toString('base64')}`, claims);
    return secret;
  }

  private async answer({ headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    const claims = this.clients.get(headers.authorization ?? '');
    const body = claims
      ? { access_token: await this.token(claims), token_type: 'Bearer', expires_in: 600 }
      : { error: 'invalid_client' };
    response.writeHead(claims ? 200 : 401, { 'content-type': 'application/json', connection: 'close' });
    response.end(JSON.stringify(body));
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}
