import { createPublicKey, type JsonWebKey } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { type TestClaims, TestIssuer } from './issuer';

const claims: TestClaims = {
  id: 'reader-1',
  department: '91350100M000100Y43',
  scopes: ['events:read', 'admin'],
  kind: 'system',
  roles: [],
};
let issuer: TestIssuer;
beforeAll(async () => (issuer = await TestIssuer.start()));
afterAll(() => issuer.stop());

describe('TestIssuer', () => {
  it('issues tokens that its published key verifies', async () => {
    const token = await issuer.token(claims);
    const response = await fetch(`${issuer.url}/jwks`);
    const { keys } = (await response.json()) as { keys: (JsonWebKey & { kid: string })[] };
    const { header, payload } = jwt.verify(
      token,
      createPublicKey({ key: keys.find(({ kid }) => kid === keys[0]?.kid) ?? {}, format: 'jwk' }),
      { complete: true, algorithms: ['ES256'], issuer: issuer.url, audience: 'govbus' },
    );
    expect(header).toMatchObject({ typ: 'at+jwt', kid: keys[0]?.kid });
    expect(payload).toMatchObject({ sub: 'reader-1', scope: 'events:read admin', kind: 'system' });
  });

  it('lets a spec override any claim, and serves nothing else', async () => {
    expect(jwt.decode(await issuer.token(claims, { aud: 'other' }))).toMatchObject({ aud: 'other' });
    expect((await fetch(`${issuer.url}/other`)).status).toBe(404);
  });

  it('gives a client that it knows a token', async () => {
    const ask = (secret: string) => {
      const authorization = `Basic ${Buffer.from(`reader-1:${secret}`).toString('base64')}`;
      return fetch(`${issuer.url}/token`, { method: 'POST', headers: { authorization } });
    };
    const { access_token: token } = (await (await ask(issuer.client(claims))).json()) as Record<string, string>;
    expect(jwt.decode(token ?? '')).toMatchObject({ sub: 'reader-1', iss: issuer.url });
    expect((await ask('wrong')).status).toBe(401);
  });
});
