import 'reflect-metadata';
import {
  createPrivateKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
  randomUUID,
} from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { creditCodeCheck } from '@govbus/contracts';
import { freePort } from '@govbus/embedded';
import { messagingMigrations } from '@govbus/messaging';
import { createApp } from '@govbus/platform';
import { createTestDatabase } from '@govbus/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import jwt from 'jsonwebtoken';
import { DataSource } from 'typeorm';
import { AppConfig } from './app.config';
import { AppModule } from './app.module';
import { adminId } from './bootstrap/bootstrap.service';
import { migrations } from './data-source';

export type Answer = { status: number; body: Record<string, unknown>; headers: Record<string, unknown> };
export type OutboxRow = { key: string; type: string; data: Record<string, unknown> };
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export const secretOf = (): string => randomBytes(32).toString('base64url');
export const keyPair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const names = { en: 'Test' };
const hex = (bytes: number): string => randomBytes(bytes).toString('hex').toUpperCase();
/** A department code that no other test has. */
export function newCode(): string {
  const first17 = `11${hex(7)}A`;
  return first17 + creditCodeCheck(first17);
}
export const newId = (): string => `p-${randomUUID().slice(0, 13)}`;

/** departments on its own database, listening, so that it verifies its own tokens as in life. */
export class TestDepartments {
  private adminToken: string;

  private constructor(
    readonly app: NestFastifyApplication,
    readonly config: AppConfig,
    readonly adminSecret: string,
  ) {}

  static async start(over: Partial<AppConfig> = {}): Promise<TestDepartments> {
    const database = await createTestDatabase('departments', [...messagingMigrations, ...migrations]);
    const files = mkdtempSync(join(tmpdir(), 'govbus-departments-'));
    const keysFile = join(files, 'issuer-keys.json');
    const secretFile = join(files, 'admin-secret');
    const adminSecret = secretOf();
    const keys = ['first', 'second'].map((kid) => ({ ...keyPair().privateKey.export({ format: 'jwk' }), kid }));
    writeFileSync(keysFile, JSON.stringify({ keys }), { mode: 0o600 });
    writeFileSync(secretFile, adminSecret, { mode: 0o600 });
    const port = await freePort();
    const config = Object.assign(new AppConfig(), {
      PORT: port,
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      DATABASE_URL: database.url,
      KAFKA_BROKERS: '127.0.0.1:1',
      OIDC_ISSUER: `http://127.0.0.1:${port}/oidc`,
      LOG_LEVEL: 'silent',
      ISSUER_KEYS_FILE: keysFile,
      BOOTSTRAP_ADMIN_SECRET_FILE: secretFile,
      ...over,
    });
    const app = await createApp(AppModule, config, { kafka: false });
    await app.listen(port, '127.0.0.1');
    const departments = new TestDepartments(app, config, adminSecret);
    // With an issuer elsewhere there is nobody to ask here.
    if (!over.OIDC_ISSUER) departments.adminToken = await departments.tokenOf(adminId, adminSecret);
    return departments;
  }

  get db(): DataSource {
    return this.app.get(DataSource);
  }

  get issuer(): string {
    return this.config.OIDC_ISSUER;
  }

  stop(): Promise<void> {
    return this.app.close();
  }

  /** Calls the API as the administrator, or with another token, or with none (`null`). */
  async call(method: Method, url: string, body?: unknown, token: string | null = this.adminToken, more = {}) {
    const headers: Record<string, string> = { ...more };
    if (body !== undefined) headers['content-type'] ??= 'application/json';
    if (token !== null) headers.authorization = `Bearer ${token}`;
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const response = await this.app.inject({ method, url, headers, payload });
    const text = response.body;
    const answer: Answer = {
      status: response.statusCode,
      body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
      headers: response.headers,
    };
    return answer;
  }

  /** Asks the issuer over HTTP, as a client does. */
  async token(body: Record<string, string>, basic?: [id: string, secret: string]): Promise<Answer> {
    const headers: Record<string, string> = {};
    if (basic) headers.authorization = `Basic ${Buffer.from(basic.join(':')).toString('base64')}`;
    const form = new URLSearchParams({ grant_type: 'client_credentials', ...body });
    const response = await fetch(`${this.issuer}/token`, { method: 'POST', headers, body: form });
    const parsed = (await response.json()) as Record<string, unknown>;
    return { status: response.status, body: parsed, headers: Object.fromEntries(response.headers) };
  }

  /** The access token of a client with its secret. */
  async tokenOf(clientId: string, secret: string): Promise<string> {
    const { status, body } = await this.token({}, [clientId, secret]);
    if (status !== 200) throw new Error(`no token for ${clientId}: ${JSON.stringify(body)}`);
    return String(body.access_token);
  }

  /** The form fields of `private_key_jwt`. */
  assertion(clientId: string, key: KeyObject, claims: object = {}): Record<string, string> {
    const payload = { iss: clientId, sub: clientId, aud: this.issuer, jti: randomUUID(), ...claims };
    return {
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: jwt.sign(payload, key, { algorithm: 'ES256', ...('exp' in claims ? {} : { expiresIn: 60 }) }),
    };
  }

  async department(): Promise<string> {
    const departmentCode = newCode();
    expect(await this.call('POST', '/v1/departments', { departmentCode, names })).toMatchObject({ status: 201 });
    return departmentCode;
  }

  /** A system with one secret. */
  async system(departmentCode: string, scopes: string[] = ['catalog:read']): Promise<{ id: string; secret: string }> {
    const id = newId();
    const order = { systemId: id, departmentCode, names, scopes };
    expect(await this.call('POST', '/v1/systems', order)).toMatchObject({ status: 201 });
    const { body } = await this.call('POST', `/v1/systems/${id}/credentials`, { method: 'secret' });
    return { id, secret: String(body.clientSecret) };
  }

  /** The administrator's token as the issuer signs it, with other claims. */
  signed(claims: object = {}): string {
    const { keys } = JSON.parse(readFileSync(this.config.ISSUER_KEYS_FILE, 'utf8')) as { keys: [JsonWebKey] };
    const key = createPrivateKey({ key: keys[0], format: 'jwk' });
    const iat = Math.floor(Date.now() / 1000);
    const who = { sub: adminId, client_id: adminId };
    const standard = { iss: this.issuer, ...who, aud: 'govbus', iat, exp: iat + 600, jti: randomUUID() };
    const own = {
      scope: 'admin',
      department: this.config.BOOTSTRAP_DEPARTMENT_CODE,
      kind: 'officer',
      roles: ['admin'],
    };
    const header = { typ: 'at+jwt', alg: 'ES256', kid: 'first' };
    return jwt.sign({ ...standard, ...own, ...claims }, key, { algorithm: 'ES256', header });
  }

  /** What waits in the outbox under a message key, oldest first. */
  async published(key: string): Promise<OutboxRow[]> {
    return (await this.outbox()).filter((row) => row.key === key);
  }

  /** The audit entries about an entity that wait in the outbox, oldest first. */
  async entries(entity: string): Promise<Record<string, unknown>[]> {
    const rows = await this.outbox();
    return rows.filter((row) => row.data.entity === entity).map((row) => row.data);
  }

  private async outbox(): Promise<OutboxRow[]> {
    const rows = await this.db.query<{ key: string; value: string }[]>('SELECT key, value FROM outbox ORDER BY id');
    return rows.map(({ key, value }) => {
      const { type, data } = JSON.parse(value) as { type: string; data: Record<string, unknown> };
      return { key, type, data };
    });
  }
}
