import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { DepartmentRecord, PrincipalRecord } from '@govbus/contracts';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import jwt from 'jsonwebtoken';
import pino from 'pino';
import { TokenVerifier } from './auth/token-verifier';
import { FixedClock } from './clock';
import { loadConfig } from './config';
import { newKey, type SigningKey, SpecIssuer } from './issuer.shared.spec';
import { eventually, NotesConfig, startNotes } from './notes-app.shared.spec';
import { DepartmentConsumer, PrincipalConsumer } from './registry/registry.consumers';

let issuer: SpecIssuer;
let app: NestFastifyApplication;
beforeAll(async () => {
  issuer = await SpecIssuer.start();
  app = await startNotes(issuer.url);
});

const now = (): number => Math.floor(Date.now() / 1000);
async function ask(authorization: string | undefined, url = '/v1/notes/me', method: 'GET' | 'POST' = 'GET') {
  const response = await app.inject({ method, url, headers: authorization ? { authorization } : {} });
  const challenge = response.headers['www-authenticate'];
  return {
    status: response.statusCode,
    challenge,
    type: response.headers['content-type'],
    body: response.json<object>(),
  };
}
const encoded = (text: string): string => Buffer.from(text).toString('base64url');
const unsigned = (header: object, claims: object): string =>
  `${[header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;

describe('a good token', () => {
  it('names the caller', async () => {
    expect(await ask(`Bearer ${issuer.token()}`)).toMatchObject({
      status: 200,
      body: {
        id: 'officer-1',
        kind: 'officer',
        department: '91350100M000100Y43',
        roles: ['clerk'],
        scopes: ['admin', 'catalog:read'],
      },
    });
    expect(await ask(`bearer ${issuer.token({}, { typ: 'application/at+jwt' })}`)).toMatchObject({ status: 200 });
    expect(await ask(`Bearer ${issuer.token({ aud: ['other', 'govbus'] })}`)).toMatchObject({ status: 200 });
  });
});

describe('a wrong token', () => {
  const kid = (): string => issuer.keys[0]?.kid ?? '';
  const wrong: [what: string, token: () => string, code: string][] = [
    ['signed by another', () => issuer.token({}, { key: { ...newKey(), kid: kid() } }), 'token.invalid'],
    ['without signature', () => unsigned({ alg: 'none', typ: 'at+jwt', kid: kid() }, issuer.claims()), 'token.invalid'],
    [
      'signed with the public key as a secret',
      () => {
        const header = { alg: 'HS256' as const, typ: 'at+jwt', kid: kid() };
        return jwt.sign(issuer.claims(), JSON.stringify(issuer.keys[0]?.jwk), { algorithm: 'HS256', header });
      },
      'token.invalid',
    ],
    [
      'of another algorithm',
      () => {
        const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
        const header = { alg: 'RS256' as const, typ: 'at+jwt', kid: kid() };
        return jwt.sign(issuer.claims(), privateKey, { algorithm: 'RS256', header });
      },
      'token.invalid',
    ],
    ['of another type', () => issuer.token({}, { typ: 'JWT' }), 'token.invalid'],
    ['for another audience', () => issuer.token({ aud: 'other' }), 'token.audience'],
    ['of another issuer', () => issuer.token({ iss: 'http://127.0.0.1:1/oidc' }), 'token.invalid'],
    ['that has expired', () => issuer.token({ exp: now() - 1 }), 'token.expired'],
    ['that never expires', () => issuer.token({ exp: undefined }), 'token.invalid'],
    ['that is not valid yet', () => issuer.token({ nbf: now() + 60 }), 'token.invalid'],
    ['without subject', () => issuer.token({ sub: undefined }), 'token.invalid'],
    ['with a number as its subject', () => issuer.token({ sub: 7 }), 'token.invalid'],
    ['without its client', () => issuer.token({ client_id: undefined }), 'token.invalid'],
    ['without an id', () => issuer.token({ jti: undefined }), 'token.invalid'],
    ['that does not say when it was issued', () => issuer.token({ iat: undefined }), 'token.invalid'],
    ['without department', () => issuer.token({ department: undefined }), 'token.invalid'],
    ['bound to a key', () => issuer.token({ cnf: { jkt: encoded('thumbprint') } }), 'token.bound'],
    ['bound to a certificate', () => issuer.token({ cnf: { 'x5t#S256': encoded('thumbprint') } }), 'token.bound'],
    ['with a list of scopes', () => issuer.token({ scope: ['admin'] }), 'token.invalid'],
    ['with a text of roles', () => issuer.token({ roles: 'clerk' }), 'token.invalid'],
    ['of an unknown kind', () => issuer.token({ kind: 'robot' }), 'token.invalid'],
    [
      'with another payload',
      () => issuer.token().replace(/\.[^.]+\./, `.${Buffer.from('{}').toString('base64url')}.`),
      'token.invalid',
    ],
    ['that is none', () => 'planted', 'token.invalid'],
    [
      'whose claims are no JSON',
      () => `${encoded('{"typ":"JWT","alg":"ES256","kid":"x"}')}.${encoded('not json')}.AAAA`,
      'token.invalid',
    ],
  ];
  // At once: the answers of those whom nobody knows wait for each other.
  let answers: Map<string, ReturnType<typeof ask>>;
  beforeAll(() => void (answers = new Map(wrong.map(([what, token]) => [what, ask(`Bearer ${token()}`)]))));

  it.each(wrong)('%s is answered with 401', async (what, _, code) => {
    const { status, challenge, type, body } = (await answers.get(what)) ?? {};
    expect({ status, body }).toMatchObject({ status: 401, body: { code } });
    expect(type).toContain('application/problem+json');
    expect(challenge).toMatch(/^Bearer error="invalid_token", error_description="[^"\\]+"$/);
  });

  it.each([undefined, 'Basic dXNlcjpwYXNz', 'Bearer', 'Bearer two words'])(
    'none (%j) is asked for without naming an error',
    async (authorization) => {
      const answer = await ask(authorization);
      expect(answer).toMatchObject({ status: 401, challenge: 'Bearer', body: { code: 'token.missing' } });
    },
  );

  it('without the scope is answered with 403 and what is needed', async () => {
    const token = issuer.token({ scope: 'events:read' });
    expect(await ask(`Bearer ${token}`, '/v1/notes', 'POST')).toMatchObject({
      status: 403,
      challenge: 'Bearer error="insufficient_scope", scope="admin catalog:write"',
      body: { code: 'scope.missing' },
    });
  });

  it('opens no route that says nothing of its callers', async () => {
    expect(await ask(`Bearer ${issuer.token()}`, '/v1/notes/closed')).toMatchObject({ status: 403 });
  });
});

describe('a suspended principal', () => {
  const envelope = (type: string, data: object): object => {
    const more = { datacontenttype: 'application/json', data };
    return { specversion: '1.0', id: randomUUID(), source: '/spec', type, time: new Date().toISOString(), ...more };
  };
  const principal = (status: string, version: number): Promise<void> =>
    app.get(PrincipalConsumer).apply(
      envelope(PrincipalRecord.type, {
        principalId: 'reader-1',
        kind: 'system',
        departmentCode: '11440300K00000000E',
        names: { en: 'Reader' },
        roles: [],
        status,
        version,
      }),
    );
  const department = (status: string, version: number): Promise<void> => {
    const data = { departmentCode: '11440300K00000000E', names: { en: 'Gas' }, status, version };
    return app.get(DepartmentConsumer).apply(envelope(DepartmentRecord.type, data));
  };

  it('is refused with a token that was good before, itself or by its department, and not for ever', async () => {
    const bearer = `Bearer ${issuer.token({ sub: 'reader-1', kind: 'system' })}`;
    const becomes = (expected: object): Promise<void> =>
      eventually(async () => expect(await ask(bearer)).toMatchObject(expected));
    const revoked = { status: 401, body: { code: 'token.revoked' } };
    await principal('active', 1);
    await department('active', 1);
    await becomes({ status: 200 });
    await principal('suspended', 2);
    await becomes(revoked);
    // An older snapshot that comes late changes nothing; the newer one behind it is seen.
    await principal('active', 1);
    await principal('active', 3);
    await becomes({ status: 200 });
    await department('suspended', 2);
    await becomes(revoked);
  });
});

describe('keys', () => {
  function verifier(clock: FixedClock, { url } = issuer, logger = pino({ level: 'silent' })): TokenVerifier {
    const config = loadConfig(NotesConfig, {
      ...{ PORT: '0', PUBLIC_URL: 'http://127.0.0.1:1', DATABASE_URL: 'postgres://127.0.0.1:1/x' },
      ...{ KAFKA_BROKERS: '127.0.0.1:1', OIDC_ISSUER: url },
    });
    return new TokenVerifier(config, clock, { isActive: () => true }, logger);
  }
  const clock = (): FixedClock => new FixedClock(new Date());

  it('are fetched once, and once more for a key that is not known', async () => {
    const time = clock();
    const tokens = verifier(time);
    issuer.fetches = 0;
    await Promise.all([1, 2, 3].map(() => tokens.verify(`Bearer ${issuer.token()}`)));
    expect(issuer.fetches).toBe(1);

    const added = newKey();
    issuer.keys.push(added);
    time.set(new Date(Date.now() + 5_000));
    expect(await tokens.verify(`Bearer ${issuer.token({}, { key: added })}`)).toMatchObject({ id: 'officer-1' });
    expect(issuer.fetches).toBe(2);

    // Forged key ids are no load on the issuer: one fetch in five seconds at most.
    time.set(new Date(Date.now() + 10_000));
    for (let i = 0; i < 5; i++)
      await expect(tokens.verify(`Bearer ${issuer.token({}, { key: newKey() })}`)).rejects.toMatchObject({
        code: 'token.invalid',
      });
    expect(issuer.fetches).toBe(3);
  });

  it('are fetched once more for one that was replaced under its id, and for forgeries seldom', async () => {
    const time = clock();
    const tokens = verifier(time);
    const old = issuer.keys[0] as SigningKey;
    await tokens.verify(`Bearer ${issuer.token()}`);
    issuer.fetches = 0;
    issuer.keys[0] = newKey(old.kid);
    time.set(new Date(Date.now() + 5_000));
    expect(await tokens.verify(`Bearer ${issuer.token()}`)).toMatchObject({ id: 'officer-1' });
    expect(issuer.fetches).toBe(1);

    time.set(new Date(Date.now() + 10_000));
    for (let i = 0; i < 5; i++)
      await expect(tokens.verify(`Bearer ${issuer.token({}, { key: old })}`)).rejects.toMatchObject({
        code: 'token.invalid',
      });
    expect(issuer.fetches).toBe(2);
    expect(await tokens.verify(`Bearer ${issuer.token()}`)).toMatchObject({ id: 'officer-1' });
  });

  it('are where the metadata of the issuer says', async () => {
    const other = await SpecIssuer.start();
    other.keysPath = '/elsewhere';
    other.metadata = { issuer: other.url, jwks_uri: new URL('/elsewhere', other.url), token_endpoint: other.url };
    const tokens = verifier(clock(), other);
    expect(await tokens.verify(`Bearer ${other.token()}`)).toMatchObject({ id: 'officer-1' });
  });

  it('that cannot be had are 503, not 401, and tried again', async () => {
    const tokens = verifier(clock());
    issuer.isAway = true;
    await expect(tokens.verify(`Bearer ${issuer.token()}`)).rejects.toMatchObject({
      code: 'issuer.unavailable',
      kind: 'unavailable',
    });
    await expect(tokens.ready()).rejects.toMatchObject({ code: 'issuer.unavailable' });
    issuer.isAway = false;
    expect(await tokens.verify(`Bearer ${issuer.token()}`)).toMatchObject({ id: 'officer-1' });
  });

  it('that cannot be had leave their reason in the log, once a minute', async () => {
    const lines: string[] = [];
    const [time, start] = [clock(), Date.now()];
    const tokens = verifier(time, issuer, pino({}, { write: (line) => lines.push(line) }));
    issuer.isAway = true;
    for (const [seconds, told] of [
      [0, 1],
      [1, 1],
      [59, 1],
      [60, 2],
      [61, 2],
      [-60, 3],
    ] as const) {
      time.set(new Date(start + seconds * 1000));
      await expect(tokens.ready()).rejects.toMatchObject({ code: 'issuer.unavailable' });
      expect(lines).toHaveLength(told);
    }
    issuer.isAway = false;
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 40,
      issuer: issuer.url,
      err: { message: 'the issuer answers 500 for its metadata' },
    });
  });

  it('do not keep a token good beyond its end', async () => {
    const time = clock();
    const tokens = verifier(time);
    const bearer = `Bearer ${issuer.token()}`;
    await tokens.verify(bearer);
    time.set(new Date(Date.now() + 601_000));
    await expect(tokens.verify(bearer)).rejects.toMatchObject({ code: 'token.expired' });
  });
});
