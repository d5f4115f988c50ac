import 'reflect-metadata';
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditEntry, type AuditEntryV1, creditCodeCheck } from '@govbus/contracts';
import { applyTopics, messagingMigrations, type RawMessage, readTopics } from '@govbus/messaging';
import { createApp, registryMigrations } from '@govbus/platform';
import { createTestDatabase, TestIssuer } from '@govbus/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { AppConfig } from './app.config';
import { AppModule } from './app.module';
import { migrations } from './data-source';
import { LogKeys } from './log/log-keys';
import { LogWriter } from './log/log-writer';

export const department = '11330100000000001' + creditCodeCheck('11330100000000001');

/** Settings on a database of their own, with keys that nobody else has. */
export async function testConfig(brokers: string, issuer: TestIssuer): Promise<{ config: AppConfig; dir: string }> {
  const topics = readTopics(readFileSync(join(__dirname, '../../../deploy/topics.yaml'), 'utf8'));
  await applyTopics({ brokers: brokers.split(','), topics, profile: 'single-node' });
  const database = await createTestDatabase('audit', [...messagingMigrations, ...registryMigrations, ...migrations]);
  const dir = mkdtempSync(join(tmpdir(), 'govbus-audit-'));
  const fileOf = (name: string, content: string | Buffer): string => {
    writeFileSync(join(dir, name), content, { mode: 0o600 });
    return join(dir, name);
  };
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
  return { config, dir };
}

/** audit on its own database and key, driven from outside; messages are handed to it as its reader would. */
export class TestAudit {
  private next = 0n;

  private constructor(
    readonly app: NestFastifyApplication,
    readonly issuer: TestIssuer,
    private readonly dir: string,
  ) {}

  static async start(
    brokers = process.env.TEST_KAFKA_BROKERS ?? '',
    over: Partial<AppConfig> = {},
  ): Promise<TestAudit> {
    const issuer = await TestIssuer.start();
    const { config, dir } = await testConfig(brokers, issuer);
    Object.assign(config, over);
    return new TestAudit(await createApp(AppModule, config, { kafka: false }), issuer, dir);
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.issuer.stop();
    rmSync(this.dir, { recursive: true });
  }

  get db(): DataSource {
    return this.app.get(DataSource);
  }

  get verifierKey(): string {
    return this.app.get(LogKeys).verifierKey;
  }

  /** The next message of the partition. */
  message(value: string): RawMessage {
    return { offset: this.next++, key: null, value: Buffer.from(value), timestamp: 0 };
  }

  write(...messages: RawMessage[]): Promise<void> {
    return this.app.get(LogWriter).write('audit.entries', 0, messages);
  }

  /** Writes entries as the services send them. */
  append(...entries: AuditEntryV1[]): Promise<void> {
    return this.write(...entries.map((data) => this.message(messageOf(data))));
  }

  async size(): Promise<number> {
    return (await this.call('GET', '/v1/log', null)).json<{ size: number }>().size;
  }

  /** Calls with these scopes, or without a token (`null`). */
  async call(method: 'GET' | 'POST', url: string, scopes: string[] | null = ['audit:read'], payload?: object) {
    const headers = scopes ? { authorization: `Bearer ${await this.token({ scope: scopes.join(' ') })}` } : {};
    return this.app.inject({ method, url, headers, ...(payload && { payload }) });
  }

  token(more: object = {}): Promise<string> {
    const auditor = { id: 'anna', department, kind: 'officer' as const, roles: ['auditor'], scopes: ['audit:read'] };
    return this.issuer.token(auditor, more);
  }

  /** What the log serves, for `verifyLog`. */
  readonly read = async (path: string): Promise<Buffer> => {
    const response = await this.call('GET', `/${path}`);
    if (response.statusCode !== 200) throw new Error(`${path}: ${response.statusCode}`);
    return response.rawPayload;
  };

  /** Does to the tables what no connection of the service may do. */
  tamper(sql: string, parameters: unknown[] = []): Promise<void> {
    return this.db.transaction(async (tx) => {
      await tx.query('SET LOCAL session_replication_role = replica');
      await tx.query(sql, parameters);
    });
  }
}

export const entry = (over: Partial<AuditEntryV1> = {}): AuditEntryV1 => ({
  entryId: randomUUID(),
  time: '2026-03-04T05:06:07.000Z',
  service: 'exchange',
  action: 'disclose',
  operation: 'subscriptions:read',
  outcome: 'done',
  actor: { id: 'reader', kind: 'system', department },
  ...over,
});

/** An entry as it travels. */
export const messageOf = (data: object): string =>
  JSON.stringify({
    specversion: '1.0',
    id: randomUUID(),
    source: '/services/exchange',
    type: AuditEntry.type,
    time: '2026-03-04T05:06:07.000Z',
    datacontenttype: 'application/json',
    data,
  });
