import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { keyPair, TestDepartments } from '../test-departments.shared.spec';
import { maxCredentials } from './credential.rules';

let departments: TestDepartments;
let departmentCode: string;
beforeAll(async () => {
  departments = await TestDepartments.start();
  departmentCode = await departments.department();
}, 60_000);
afterAll(() => departments.stop());

const publicJwk = () => keyPair().publicKey.export({ format: 'jwk' });

describe('credentials', () => {
  it('tells a secret once, and keeps only its hash', async () => {
    const { id } = await departments.system(departmentCode);
    const created = await departments.call('POST', `/v1/systems/${id}/credentials`, { method: 'secret' });
    const { credentialId, clientSecret } = created.body;
    expect(created).toMatchObject({
      status: 201,
      body: { method: 'secret' },
      headers: { 'cache-control': 'no-store' },
    });
    expect(clientSecret).toMatch(/^[\w-]{43}$/);
    const listed = await departments.call('GET', `/v1/systems/${id}/credentials`);
    expect(listed.body.items).toContainEqual({ credentialId, method: 'secret', createdAt: created.body.createdAt });
    expect(JSON.stringify(listed.body)).not.toContain(clientSecret);
    const dump = await departments.db.query<unknown[]>(
      'SELECT to_jsonb(c) FROM credentials c UNION ALL SELECT to_jsonb(o) FROM outbox o',
    );
    expect(JSON.stringify(dump)).not.toContain(clientSecret);
    expect((await departments.entries(`system:${id}`)).map(({ operation }) => operation)).toEqual([
      'systems:create',
      'credentials:create',
      'credentials:create',
    ]);
  });

  it('takes public keys and refuses a private one', async () => {
    const { id } = await departments.system(departmentCode);
    const at = `/v1/systems/${id}/credentials`;
    const jwks = { keys: [{ ...publicJwk(), kid: 'a' }, publicJwk()] };
    expect(await departments.call('POST', at, { method: 'private-key-jwt', jwks })).toMatchObject({
      status: 201,
      body: { method: 'private-key-jwt', keyIds: ['a'] },
    });
    const leaked = { keys: [keyPair().privateKey.export({ format: 'jwk' })] };
    expect(await departments.call('POST', at, { method: 'private-key-jwt', jwks: leaked })).toMatchObject({
      status: 400,
      body: {
        code: 'jwks.invalid',
        faults: [expect.objectContaining({ pointer: '/jwks/keys/0', code: 'private-key' })],
      },
    });
    expect(await departments.call('POST', at, { method: 'private-key-jwt' })).toMatchObject({
      status: 400,
      body: { code: 'jwks.invalid' },
    });
    expect(await departments.call('POST', at, { method: 'secret', jwks })).toMatchObject({
      status: 400,
      body: { code: 'jwks.not-expected' },
    });
    expect(await departments.call('POST', at, { method: 'password' })).toMatchObject({
      status: 400,
      body: { code: 'request.invalid' },
    });
  });

  it('deletes one, and knows only those of the principal itself', async () => {
    const [a, b] = [await departments.system(departmentCode), await departments.system(departmentCode)];
    const { items } = (await departments.call('GET', `/v1/systems/${a.id}/credentials`)).body;
    const [{ credentialId }] = items as [{ credentialId: string }];
    for (const unknown of [
      `${b.id}/credentials/${credentialId}`,
      `${a.id}/credentials/${randomUUID()}`,
      `${a.id}/credentials/x`,
    ])
      expect(await departments.call('DELETE', `/v1/systems/${unknown}`)).toMatchObject({
        status: 404,
        body: { code: 'credential.unknown' },
      });
    expect((await departments.call('DELETE', `/v1/systems/${a.id}/credentials/${credentialId}`)).status).toBe(204);
    expect((await departments.call('GET', `/v1/systems/${a.id}/credentials`)).body).toEqual({ items: [] });
    expect(await departments.entries(`system:${a.id}`)).toContainEqual(
      expect.objectContaining({ operation: 'credentials:delete', reason: `secret ${credentialId}` }),
    );
  });

  it('bounds how many there are at once', async () => {
    const { id } = await departments.system(departmentCode);
    const order = () => departments.call('POST', `/v1/systems/${id}/credentials`, { method: 'secret' });
    const answers = await Promise.all(Array.from({ length: maxCredentials }, order));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array<number>(maxCredentials - 1).fill(201), 409]);
    expect(answers.find(({ status }) => status === 409)?.body.code).toBe('credential.too-many');
  });
});
