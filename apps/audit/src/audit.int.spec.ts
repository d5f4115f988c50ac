import 'reflect-metadata';
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditEntry, type AuditEntryV1, creditCodeCheck } from '@govbus/contracts';
import { applyTopics, messagingMigrations, type RawMessage, readTopics } from '@govbus/messaging';
import { createApp, registryMigrations } from '@govbus/platform';
import { createTestDatabase, TestIssuer } from '@govbus/testing';
import { verifyCheckpoint, verifyInclusion, verifyLog } from '@govbus/tlog';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { AppConfig } from './app.config';
import { AppModule } from './app.module';
import { migrations } from './data-source';
import { LogKeys } from './log/log-keys';
import { LogWriter } from './log/log-writer';

const department = '11330100000000001' + creditCodeCheck('11330100000000001');
const dir = mkdtempSync(join(tmpdir(), 'govbus-audit-'));
let app: NestFastifyApplication;
let issuer: TestIssuer;
let next = 0n;

const fileOf = (name: string, content: string | Buffer): string => {
  writeFileSync(join(dir, name), content, { mode: 0o600 });
  return join(dir, name);
};

beforeAll(async () => {
  const brokers = process.env.TEST_KAFKA_BROKERS ?? '';
  const topics = readTopics(readFileSync(join(__dirname, '../../../deploy/topics.yaml'), 'utf8'));
  await applyTopics({ brokers: brokers.split(','), topics, profile: 'single-node' });
  const database = await createTestDatabase('audit', [...messagingMigrations, ...registryMigrations, ...migrations]);
  issuer = await TestIssuer.start();
  const { privateKey } = generateKeyPairSync('ed25519');
  const config = Object.assign(new AppConfig(), {
    PORT: 0,
    PUBLIC_URL: 'http://127.0.0.1:7005',
    DATABASE_URL: database.url,
    KAFKA_BROKERS: brokers,
    OIDC_ISSUER: issuer.url,
    LOG_LEVEL: 'silent',
    AUDIT_SIGNING_KEY_FILE: fileOf('key.pem', privateKey.export({ format: 'pem', type: 'pkcs8' })),
    AUDIT_ORIGIN: 'audit.test/govbus',
    SUBJECT_KEY_FILE: fileOf('subject', randomBytes(32).toString('base64')),
    AUDIT_GROUP: `audit.${randomUUID()}`,
  });
  app = await createApp(AppModule, config, { kafka: false });
});
afterAll(async () => {
  await app.close();
  await issuer.stop();
  rmSync(dir, { recursive: true });
});

const entry = (over: Partial<AuditEntryV1> = {}): AuditEntryV1 => ({
  entryId: randomUUID(),
  time: '2026-03-04T05:06:07.000Z',
  service: 'exchange',
  action: 'disclose',
  operation: 'subscriptions:read',
  outcome: 'done',
  actor: { id: 'reader', kind: 'system', department },
  ...over,
});
const message = (value: string): RawMessage => ({ offset: next++, key: null, value: Buffer.from(value), timestamp: 0 });
const messageOf = (data: AuditEntryV1): RawMessage =>
  message(
    JSON.stringify({
      specversion: '1.0',
      id: randomUUID(),
      source: '/services/exchange',
      type: AuditEntry.type,
      time: data.time,
      datacontenttype: 'application/json',
      data,
    }),
  );
const write = (...messages: RawMessage[]): Promise<void> => app.get(LogWriter).write('audit.entries', 0, messages);

async function call(method: 'GET' | 'POST', url: string, scopes: string[] | null = ['audit:read'], payload?: object) {
  const claims = { id: 'anna', department, kind: 'officer' as const, roles: ['auditor'] };
  const headers = scopes ? { authorization: `Bearer ${await issuer.token({ ...claims, scopes })}` } : {};
  return app.inject({ method, url, headers, ...(payload && { payload }) });
}
const read = async (path: string): Promise<Buffer> => {
  const response = await call('GET', `/${path}`);
  if (response.statusCode !== 200) throw new Error(`${path}: ${response.statusCode}`);
  return response.rawPayload;
};

describe('the log', () => {
  it('is recomputed from what it serves, over several tiles', async () => {
    await write(...Array.from({ length: 700 }, () => messageOf(entry())));
    await write(messageOf(entry()));
    const { size } = await verifyLog(read, app.get(LogKeys).verifierKey);
    const rows = await app.get(DataSource).query<{ count: number }[]>('SELECT count(*)::int AS count FROM entries');
    expect(size).toBe(rows[0]?.count);
    expect(size).toBeGreaterThanOrEqual(701);
  });

  it('takes an entry once, though its message comes twice', async () => {
    const one = entry();
    const before = (await call('GET', '/v1/log', null)).json<{ size: number }>().size;
    await write(messageOf(one), messageOf(one));
    await write(messageOf(one));
    expect((await call('GET', '/v1/log', null)).json()).toMatchObject({ size: before + 1 });
  });

  it('keeps what it cannot read apart and goes on behind it', async () => {
    const behind = entry();
    await write(
      message('not json'),
      message('{}'),
      messageOf({ ...entry(), actor: { id: 'x', kind: 'system' } }),
      messageOf(behind),
    );
    expect((await call('GET', `/v1/entries/${behind.entryId}`)).statusCode).toBe(200);
    const rows = await app.get(DataSource).query<unknown[]>('SELECT 1 FROM unreadable_entries');
    expect(rows).toHaveLength(2);
  });

  it('proves one entry against the signed checkpoint', async () => {
    const one = entry();
    await write(messageOf(one));
    const proof = (await call('GET', `/v1/entries/${one.entryId}/proof`)).json<{
      index: number;
      leafHash: string;
      treeSize: number;
      hashes: string[];
      checkpoint: string;
    }>();
    const { size, root } = verifyCheckpoint(proof.checkpoint, app.get(LogKeys).verifierKey);
    const path = proof.hashes.map((hash) => Buffer.from(hash, 'base64'));
    expect(size).toBe(proof.treeSize);
    expect(verifyInclusion(Buffer.from(proof.leafHash, 'base64'), proof.index, size, path, root)).toBe(true);
  });

  it('refuses changes of entries, and tells when one was made behind its back', async () => {
    const db = app.get(DataSource);
    await expect(db.query("UPDATE entries SET body = '{}' WHERE index = 3")).rejects.toThrow('never changed');
    await expect(db.query('DELETE FROM entries')).rejects.toThrow('never changed');
    const [kept] = await db.query<{ body: string }[]>('SELECT body FROM entries WHERE index = 3');
    const change = (body: string) =>
      db.transaction(async (tx) => {
        await tx.query('ALTER TABLE entries DISABLE TRIGGER entries_append_only');
        await tx.query('UPDATE entries SET body = $1 WHERE index = 3', [body]);
        await tx.query('ALTER TABLE entries ENABLE TRIGGER entries_append_only');
      });
    await change('{"forged":true}');
    await expect(verifyLog(read, app.get(LogKeys).verifierKey)).rejects.toThrow('does not fit');
    await change(kept?.body ?? '');
    await expect(verifyLog(read, app.get(LogKeys).verifierKey)).resolves.toMatchObject({ origin: 'audit.test/govbus' });
  });
});

describe('searching', () => {
  it('finds by every filter, newest first, page by page', async () => {
    const [agreementId, subscriptionId] = [randomUUID(), randomUUID()];
    const about = {
      agreementId,
      subscriptionId,
      datasetId: 'animals',
      actor: { id: 'finder', kind: 'system' as const },
    };
    const mine = Array.from({ length: 5 }, () => entry(about));
    await write(...mine.map(messageOf));
    for (const filter of [
      'actor=finder',
      `agreementId=${agreementId}`,
      `subscriptionId=${subscriptionId}`,
      'datasetId=animals',
    ])
      expect((await call('GET', `/v1/entries?${filter}`)).json<{ items: unknown[] }>().items).toHaveLength(5);
    const found: string[] = [];
    for (let cursor = ''; ;) {
      const page = (await call('GET', `/v1/entries?actor=finder&limit=2${cursor}`)).json<{
        items: AuditEntryV1[];
        nextCursor?: string;
      }>();
      found.push(...page.items.map(({ entryId }) => entryId));
      if (!page.nextCursor) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    expect(found).toEqual(mine.map(({ entryId }) => entryId).reverse());
  });

  it('finds a person by the plain id, which the log itself does not hold', async () => {
    const datasetId = 'patients';
    const subjectKeys = [app.get(LogKeys).subjectOf(datasetId, 'planted-person')];
    await write(messageOf(entry({ datasetId, subjectKeys })));
    const response = await call('POST', '/v1/entries/search', ['audit:read'], { datasetId, subject: 'planted-person' });
    expect(response.json<{ items: unknown[] }>().items).toHaveLength(1);
    expect(response.body).not.toContain('planted-person');
    const alone = await call('POST', '/v1/entries/search', ['audit:read'], { subject: 'planted-person' });
    expect(alone.json()).toMatchObject({ status: 400, code: 'search.dataset-missing' });
  });

  it('records each search, and is closed to those without the scope', async () => {
    const entries = async (): Promise<string> =>
      JSON.stringify(await app.get(DataSource).query('SELECT value FROM outbox'));
    const count = async (): Promise<number> => (await entries()).split('audit:search').length;
    const before = await count();
    await call('GET', '/v1/entries');
    expect(await count()).toBe(before + 1);
    expect((await call('GET', '/v1/entries', ['events:read'])).statusCode).toBe(403);
    expect((await call('GET', '/v1/entries', null)).statusCode).toBe(401);
    expect((await call('GET', '/tile/entries/000', null)).statusCode).toBe(401);
  });
});
