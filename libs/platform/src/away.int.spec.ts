import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PrincipalRecord } from '@govbus/contracts';
import { freePort, startPostgres } from '@govbus/embedded';
import { applyTopics, Producer, readTopics } from '@govbus/messaging';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { SpecIssuer } from './issuer.shared.spec';
import { atEnd, eventually, newDatabase, startNotes } from './notes-app.shared.spec';

const ask = async (app: NestFastifyApplication, url: string, token?: string) => {
  const response = await app.inject({ method: 'GET', url, headers: token ? { authorization: `Bearer ${token}` } : {} });
  return { status: response.statusCode, body: response.json<object>() };
};
const suspension = (principalId: string, status: string, version: number): string =>
  JSON.stringify({
    specversion: '1.0',
    id: randomUUID(),
    source: '/spec',
    type: PrincipalRecord.type,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data: {
      ...{ principalId, kind: 'system', departmentCode: '11440300K00000000E', names: { en: 'Reader' } },
      ...{ roles: [], status, version },
    },
  });

it('is alive and not ready while the database is away, and at work again when it is back', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'govbus-spec-'));
  atEnd(() => rm(dir, { recursive: true, force: true }));
  const port = await freePort();
  const first = await startPostgres({ dir, port });
  atEnd(() => first.stop());
  const issuer = await SpecIssuer.start();
  const app = await startNotes(issuer.url, { databaseUrl: await newDatabase(first.url) });
  const token = issuer.token({ sub: 'reader-1', kind: 'system' });
  await eventually(async () =>
    expect(await ask(app, '/health/ready')).toMatchObject({ status: 200, body: { status: 'ok' } }),
  );

  process.kill(Number(readFileSync(join(dir, 'postmaster.pid'), 'utf8').split('\n')[0]), 'SIGKILL');
  await first.stop();
  await eventually(async () =>
    expect(await ask(app, '/health/ready')).toMatchObject({
      status: 503,
      body: { code: 'service.not-ready', detail: 'not ready: database' },
    }),
  );
  expect(await ask(app, '/health/live')).toEqual({ status: 200, body: { status: 'ok' } });
  const failed = await ask(app, '/v1/notes', token);
  expect(failed).toMatchObject({ status: 503, body: { code: 'database.away' } });
  expect(JSON.stringify(failed)).not.toMatch(/ECONN|127\.0\.0\.1|SELECT/);

  const second = await eventually(() => startPostgres({ dir, port }));
  atEnd(() => second.stop());
  await eventually(async () => expect(await ask(app, '/health/ready')).toMatchObject({ status: 200 }));
  expect(await ask(app, '/v1/notes', token)).toMatchObject({ status: 200 });
  // Written behind the service's back and told to nobody: only looking again after the reconnection finds it.
  await app.get(DataSource).query(
    `INSERT INTO principals (principal_id, kind, department_code, names, roles, status, version)
       VALUES ('reader-1', 'system', '11440300K00000000E', '{}', '[]', 'suspended', 1)`,
  );
  await eventually(async () => {
    await app.get(DataSource).query(`SELECT pg_notify('registry', 'principal:reader-1')`);
    expect(await ask(app, '/v1/notes', token)).toMatchObject({ status: 401, body: { code: 'token.revoked' } });
  });
});

it('follows the registry by Kafka, parks what is wrong there, and sends its own messages', async () => {
  const brokers = (process.env.TEST_KAFKA_BROKERS ?? '').split(',');
  const topics = readTopics(readFileSync(join(__dirname, '../../../deploy/topics.yaml'), 'utf8'));
  await applyTopics({ brokers, topics, profile: 'single-node' });
  expect(await applyTopics({ brokers, topics, profile: 'single-node' })).toEqual([]);
  const issuer = await SpecIssuer.start();
  const app = await startNotes(issuer.url, { kafka: true });
  const readerId = `reader-${randomUUID()}`;
  const token = issuer.token({ sub: readerId, kind: 'system' });
  expect(await ask(app, '/v1/notes', token)).toMatchObject({ status: 200 });

  const producer = new Producer({ brokers, clientId: 'spec' });
  atEnd(() => producer.disconnect());
  const send = (value: string): Promise<void> =>
    producer.send({ topic: PrincipalRecord.topic, key: `principal:${readerId}`, value });
  await send(suspension(readerId, 'planted', 1));
  await send(suspension(readerId, 'suspended', 2));
  await eventually(async () => expect(await ask(app, '/v1/notes', token)).toMatchObject({ status: 401 }));

  const parked = await ask(app, '/v1/parked-messages', issuer.token());
  expect((parked.body as { items: object[] }).items).toContainEqual(
    expect.objectContaining({
      ...{ topic: PrincipalRecord.topic, type: PrincipalRecord.type, code: 'message.invalid', attempts: 1 },
    }),
  );
  expect(JSON.stringify(parked)).not.toContain('planted');

  // A new database in the place of a lost one: its copies come from the start of the topics.
  const anew = await startNotes(issuer.url, { kafka: true });
  await eventually(async () => expect(await ask(anew, '/v1/notes', token)).toMatchObject({ status: 401 }));
  // The refusal above left its audit entry, and the relay takes it away.
  await eventually(async () => expect(await app.get(DataSource).query('SELECT 1 FROM outbox')).toEqual([]));
  await eventually(async () => expect(await ask(app, '/health/ready')).toMatchObject({ status: 200 }));
});

it('holds no lock for long when its machine is gone, and counts days as UTC does', async () => {
  const issuer = await SpecIssuer.start();
  const app = await startNotes(issuer.url);
  const shown = async (setting: string): Promise<unknown> => {
    const [row] = await app.get(DataSource).query<Record<string, string>[]>(`SHOW ${setting}`);
    return row?.[setting];
  };
  expect(await shown('tcp_user_timeout')).toBe('15000');
  expect(await shown('tcp_keepalives_idle')).toBe('10');
  expect(await shown('idle_in_transaction_session_timeout')).toBe('1min');
  expect(await shown('TimeZone')).toBe('UTC');
});
