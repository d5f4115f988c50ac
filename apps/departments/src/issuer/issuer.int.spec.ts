import 'reflect-metadata';
import { createPublicKey, type JsonWebKey, randomUUID } from 'node:crypto';
import { Clock } from '@govbus/platform';
import { endpointsFor } from '@govbus/platform/issuer';
import jwt from 'jsonwebtoken';
import { adminId } from '../bootstrap/bootstrap.service';
import { keyPair, names, newId, secretOf, TestDepartments } from '../test-departments.shared.spec';
import { maxAssertionSeconds } from './issuer';
import { OidcArtifacts } from './oidc-artifacts';

let departments: TestDepartments;
let departmentCode: string;
beforeAll(async () => {
  departments = await TestDepartments.start();
  departmentCode = await departments.department();
}, 60_000);
afterAll(() => departments.stop());

const reason = 'test';
const invalidClient = { status: 401, body: { error: 'invalid_client' } };

async function verify(token: unknown): Promise<jwt.Jwt> {
  const response = await fetch(`${departments.issuer}/jwks`);
  const { keys } = (await response.json()) as { keys: (JsonWebKey & { kid: string })[] };
  expect(keys.map((key) => [key.kid, 'd' in key])).toEqual([
    ['first', false],
    ['second', false],
  ]);
  const kid = jwt.decode(String(token), { complete: true })?.header.kid;
  const key = keys.find((candidate) => candidate.kid === kid);
  if (!key) throw new Error('signed with a key that is not published');
  const options = {
    algorithms: ['ES256' as const],
    issuer: departments.issuer,
    audience: 'govbus',
    complete: true as const,
  };
  return jwt.verify(String(token), createPublicKey({ key, format: 'jwk' }), options);
}

describe('metadata', () => {
  it('is the same at the issuer and at the root, whatever host was asked', async () => {
    const { PUBLIC_URL } = departments.config;
    const at = [
      `${departments.issuer}/.well-known/openid-configuration`,
      `${PUBLIC_URL}/.well-known/oauth-authorization-server`,
      `${PUBLIC_URL}/.well-known/oauth-authorization-server/oidc`,
    ];
    const headers = { 'x-forwarded-host': 'elsewhere.test', 'x-forwarded-proto': 'https' };
    for (const url of at) {
      const document = await (await fetch(url, { headers })).json();
      expect(document).toMatchObject({
        issuer: departments.issuer,
        token_endpoint: `${departments.issuer}/token`,
        jwks_uri: `${departments.issuer}/jwks`,
        grant_types_supported: ['client_credentials'],
        token_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt'],
      });
      expect(document).not.toHaveProperty('authorization_endpoint');
    }
  });
});

describe('an issuer that its public address does not reach yet', () => {
  it('is ready, takes its own tokens and gives them at its own listener', async () => {
    const PUBLIC_URL = 'http://127.0.0.1:1';
    const behind = await TestDepartments.start({ PUBLIC_URL, OIDC_ISSUER: `${PUBLIC_URL}/oidc` });
    const ready = await behind.call('GET', '/health/ready', undefined, null);
    expect(ready).toMatchObject({ status: 200, body: { details: { database: { status: 'up' } } } });
    expect(ready.body.details).not.toHaveProperty('issuer');
    expect(await behind.call('GET', '/v1/departments', undefined, behind.signed())).toMatchObject({ status: 200 });
    const { tokenUrl } = await endpointsFor(behind.config);
    const authorization = `Basic ${Buffer.from(`${adminId}:${behind.adminSecret}`).toString('base64')}`;
    const body = new URLSearchParams({ grant_type: 'client_credentials' });
    expect((await fetch(tokenUrl, { method: 'POST', headers: { authorization }, body })).status).toBe(200);
    await behind.stop();
  });
});

describe('an issuer elsewhere', () => {
  it('leaves none here, and the registry where it was', async () => {
    const other = await TestDepartments.start({ OIDC_ISSUER: 'http://127.0.0.1:1/oidc' });
    const { PUBLIC_URL } = other.config;
    for (const path of [
      '/oidc/jwks',
      '/.well-known/oauth-authorization-server',
      '/oidc/.well-known/openid-configuration',
    ])
      expect((await fetch(PUBLIC_URL + path)).status).toBe(404);
    expect((await fetch(`${PUBLIC_URL}/v1/departments`)).status).toBe(401);
    await other.stop();
  });
});

describe('tokens', () => {
  it('come for a secret, as RFC 9068 asks, with department, kind and roles', async () => {
    const officerId = newId();
    const order = { officerId, departmentCode, names, roles: ['auditor'], scopes: ['audit:read', 'catalog:read'] };
    await departments.call('POST', '/v1/officers', order);
    const { body } = await departments.call('POST', `/v1/officers/${officerId}/credentials`, { method: 'secret' });
    const answer = await departments.token({}, [officerId, String(body.clientSecret)]);
    expect(answer).toMatchObject({ status: 200, body: { expires_in: 600, scope: 'audit:read catalog:read' } });
    const { header, payload } = await verify(answer.body.access_token);
    expect(header).toMatchObject({ typ: 'at+jwt', alg: 'ES256', kid: 'first' });
    expect(payload).toMatchObject({
      iss: departments.issuer,
      sub: officerId,
      client_id: officerId,
      aud: 'govbus',
      scope: 'audit:read catalog:read',
      department: departmentCode,
      kind: 'officer',
      roles: ['auditor'],
      jti: expect.any(String),
    });
    const { exp, iat } = payload as jwt.JwtPayload;
    expect(Number(exp) - Number(iat)).toBe(600);
  });

  it('hold the scopes asked for, and never one that was not granted', async () => {
    const { id, secret } = await departments.system(departmentCode, ['events:publish', 'events:read']);
    const ask = (scope: string) => departments.token({ scope }, [id, secret]);
    expect(await ask('events:read')).toMatchObject({ status: 200, body: { scope: 'events:read' } });
    for (const scope of ['admin', 'events:read admin', 'events:delete', 'openid'])
      expect(await ask(scope)).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
    expect(await departments.token({ resource: 'https://elsewhere.test' }, [id, secret])).toMatchObject({
      status: 400,
      body: { error: 'invalid_target' },
    });
  });

  it('come for a key, one of several, once for each assertion', async () => {
    const { id } = await departments.system(departmentCode);
    const [a, b, other] = [keyPair(), keyPair(), keyPair()];
    for (const { publicKey } of [a, b]) {
      const order = { method: 'private-key-jwt', jwks: { keys: [publicKey.export({ format: 'jwk' })] } };
      expect((await departments.call('POST', `/v1/systems/${id}/credentials`, order)).status).toBe(201);
    }
    for (const { privateKey } of [a, b]) {
      const answer = await departments.token(departments.assertion(id, privateKey));
      expect(answer.status).toBe(200);
      expect((await verify(answer.body.access_token)).payload).toMatchObject({ sub: id, kind: 'system' });
    }
    expect(await departments.token(departments.assertion(id, other.privateKey))).toMatchObject(invalidClient);
    const foreign = { aud: 'https://elsewhere.test' };
    expect(await departments.token(departments.assertion(id, a.privateKey, foreign))).toMatchObject(invalidClient);
    const late = { exp: Math.floor(Date.now() / 1000) + maxAssertionSeconds + 60 };
    expect(await departments.token(departments.assertion(id, a.privateKey, late))).toMatchObject(invalidClient);
    const one = departments.assertion(id, a.privateKey);
    const answers = await Promise.all(Array.from({ length: 8 }, () => departments.token(one)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401, 401, 401, 401]);
  });

  it('outlive a change of the secret: both are good until the old one is deleted', async () => {
    const { id, secret: old } = await departments.system(departmentCode);
    const at = `/v1/systems/${id}/credentials`;
    const [first] = (await departments.call('GET', at)).body.items as [{ credentialId: string }];
    const fresh = String((await departments.call('POST', at, { method: 'secret' })).body.clientSecret);
    for (const secret of [old, fresh]) expect((await departments.token({}, [id, secret])).status).toBe(200);
    await departments.call('DELETE', `${at}/${first.credentialId}`);
    expect(await departments.token({}, [id, old])).toMatchObject(invalidClient);
    expect((await departments.token({}, [id, fresh])).status).toBe(200);
  });

  it('go to nobody else, and each refusal has its audit entry', async () => {
    const { id, secret } = await departments.system(departmentCode);
    const refused = [
      await departments.token({}, [id, secretOf()]),
      await departments.token({}, [newId(), secret]),
      await departments.token({ client_id: id, client_secret: secret }),
      await departments.token(departments.assertion(id, keyPair().privateKey)),
    ];
    for (const answer of refused) expect(answer).toMatchObject(invalidClient);
    const rows = await departments.db.query<{ entry: Record<string, unknown> }[]>(
      `SELECT value::jsonb -> 'data' AS entry FROM outbox WHERE value::jsonb #>> '{data,actor,id}' = $1 ORDER BY id`,
      [id],
    );
    expect(rows.map(({ entry }) => entry)).toEqual(
      Array(3).fill(
        expect.objectContaining({
          action: 'refuse',
          operation: 'POST /oidc/token',
          outcome: 'refused',
          code: 'oauth.invalid_client',
          actor: { id, kind: 'anonymous' },
        }),
      ),
    );
  });

  it('are refused for what is no token at all, with its entry', async () => {
    const count = async (): Promise<number> => {
      const [row] = await departments.db.query<{ count: number }[]>(
        `SELECT count(*)::int FROM outbox WHERE value::jsonb #>> '{data,action}' = 'refuse'`,
      );
      return Number(row?.count);
    };
    const before = await count();
    const part = (text: string): string => Buffer.from(text).toString('base64url');
    const broken = `${part('{"typ":"JWT","alg":"ES256","kid":"x"}')}.${part('not json')}.AAAA`;
    const method = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    const answer = await departments.token({ client_assertion: broken, client_assertion_type: method });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(await count()).toBe(before + 1);
  });

  it('never go to a suspended principal or department', async () => {
    const own = await departments.department();
    const { id, secret } = await departments.system(own);
    const { publicKey, privateKey } = keyPair();
    const jwks = { keys: [publicKey.export({ format: 'jwk' })] };
    await departments.call('POST', `/v1/systems/${id}/credentials`, { method: 'private-key-jwt', jwks });
    const both = async () => [
      await departments.token({}, [id, secret]),
      await departments.token(departments.assertion(id, privateKey)),
    ];
    for (const noun of [`systems/${id}`, `departments/${own}`]) {
      for (const answer of await both()) expect(answer.status).toBe(200);
      await departments.call('POST', `/v1/${noun}/suspend`, { reason });
      for (const answer of await both()) {
        expect(answer).toMatchObject(invalidClient);
        expect(answer.body).not.toHaveProperty('access_token');
      }
      await departments.call('POST', `/v1/${noun}/resume`, { reason });
    }
    for (const answer of await both()) expect(answer.status).toBe(200);
  });
});

describe('the artifacts of the issuer', () => {
  const seconds = 60;
  const store = () => departments.app.get(OidcArtifacts);

  it('are found until they expire, are consumed, or their grant is revoked', async () => {
    const codes = store().adapterOf('AuthorizationCode');
    const [a, b, grantId, uid] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    await codes.upsert(a, { grantId, uid }, seconds);
    await codes.upsert(b, { grantId, userCode: b }, seconds);
    expect(await codes.find(a)).toEqual({ grantId, uid });
    expect(await codes.findByUid(uid)).toEqual({ grantId, uid });
    expect(await codes.findByUserCode(b)).toEqual({ grantId, userCode: b });
    expect(await store().adapterOf('RefreshToken').find(a)).toBeUndefined();
    await codes.consume(a);
    expect(await codes.find(a)).toMatchObject({ consumed: expect.any(Number) });
    await codes.revokeByGrantId(grantId);
    expect([await codes.find(a), await codes.find(b)]).toEqual([undefined, undefined]);
    await codes.upsert(a, { uid }, -1);
    expect(await codes.find(a)).toBeUndefined();
    await codes.upsert(a, { uid }, seconds);
    await codes.destroy(a);
    expect(await codes.find(a)).toBeUndefined();
  });

  it('are purged once they have expired, and no earlier', async () => {
    const grants = store().adapterOf('Grant');
    // No purge of the minute beside this one.
    store().onModuleDestroy();
    const [old, young, kept] = [randomUUID(), randomUUID(), randomUUID()];
    await grants.upsert(old, {}, -1);
    await grants.upsert(young, {}, seconds);
    await grants.upsert(kept, {});
    const now = departments.app.get(Clock).now();
    expect(await store().purgeExpired()).toBeGreaterThanOrEqual(1);
    const rows = await departments.db.query<{ id: string }[]>(`SELECT id FROM oidc_artifacts WHERE model = 'Grant'`);
    expect(rows.map(({ id }) => id).sort()).toEqual([young, kept].sort());
    const left = await departments.db.query<unknown[]>('SELECT 1 FROM oidc_artifacts WHERE expires_at <= $1', [now]);
    expect(left).toEqual([]);
  });
});
