import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { type Contract, creditCodeCheck, DepartmentRecord, type Envelope, PrincipalRecord } from '@govbus/contracts';
import { messagingMigrations } from '@govbus/messaging';
import { createApp, DepartmentConsumer, PrincipalConsumer, registryMigrations } from '@govbus/platform';
import { createTestDatabase, eventually, TestIssuer } from '@govbus/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { AppConfig } from './app.config';
import { AppModule } from './app.module';
import { migrations } from './data-source';

const codeOf = (first17: string): string => first17 + creditCodeCheck(first17);
export const provider = codeOf('11330100000000001');
export const consumer = codeOf('11330100000000002');

export type Who = { id: string; department: string; roles: string[]; scopes: string[]; kind: 'system' | 'officer' };
const officer = (id: string, department: string, ...roles: string[]): Who => ({
  id,
  department,
  roles,
  scopes: ['catalog:read', 'catalog:write', 'agreements:decide'],
  kind: 'officer',
});
export const anna = officer('anna', provider, 'sharing-officer', 'data-steward');
export const steward = officer('stella', provider, 'data-steward');
export const stranger = officer('carl', consumer, 'sharing-officer', 'data-steward');
export const system: Who = { ...anna, id: 'provider-system', kind: 'system' };

export type Answer = { status: number; body: Record<string, unknown>; headers: Record<string, unknown> };
type Method = 'GET' | 'POST' | 'PATCH' | 'PUT';

export const newId = (): string => `d-${randomUUID().slice(0, 13)}`;

/** data-catalog on its own database, driven from outside. */
export class TestCatalog {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly issuer: TestIssuer,
  ) {}

  static async start(): Promise<TestCatalog> {
    const database = await createTestDatabase('data-catalog', [
      ...messagingMigrations,
      ...registryMigrations,
      ...migrations,
    ]);
    const issuer = await TestIssuer.start();
    const config = Object.assign(new AppConfig(), {
      PORT: 0,
      PUBLIC_URL: 'http://127.0.0.1:7002',
      DATABASE_URL: database.url,
      KAFKA_BROKERS: '127.0.0.1:9',
      OIDC_ISSUER: issuer.url,
      LOG_LEVEL: 'silent',
    });
    const catalog = new TestCatalog(await createApp(AppModule, config, { kafka: false }), issuer);
    for (const departmentCode of [provider, consumer])
      await catalog.app
        .get(DepartmentConsumer)
        .apply(envelope(DepartmentRecord, { departmentCode, names: { en: 'Test' }, status: 'active', version: 1 }));
    // The copy in memory follows the notification.
    await eventually(async () => expect((await catalog.call('POST', '/v1/datasets', aDataset())).status).toBe(201));
    return catalog;
  }

  get db(): DataSource {
    return this.app.get(DataSource);
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.issuer.stop();
  }

  /** Tells the service what the registry says of an officer. */
  async principal(
    { id, department, roles, kind }: Who,
    status: 'active' | 'suspended',
    version: number,
  ): Promise<void> {
    const record = { principalId: id, kind, departmentCode: department, names: { en: id }, roles, status, version };
    await this.app.get(PrincipalConsumer).apply(envelope(PrincipalRecord, record));
  }

  async call(method: Method, url: string, body?: object, who: Who = anna, more: object = {}): Promise<Answer> {
    const headers = { authorization: `Bearer ${await this.issuer.token(who)}`, ...more };
    const response = await this.app.inject({ method, url, headers, ...(body && { payload: body }) });
    return { status: response.statusCode, body: response.json(), headers: response.headers };
  }

  async dataset(over: object = {}): Promise<string> {
    const order = aDataset(over);
    expect(await this.call('POST', '/v1/datasets', order)).toMatchObject({ status: 201 });
    return order.datasetId;
  }

  /** What waits in the outbox of a contract's type, oldest first. */
  async sent<T extends object>({ type }: Contract<T>, isAbout: (data: T) => boolean): Promise<T[]> {
    const rows = await this.db.query<{ value: string }[]>('SELECT value FROM outbox ORDER BY id');
    const envelopes = rows.map(({ value }) => JSON.parse(value) as Envelope<T>);
    return envelopes.flatMap((found) => (found.type === type && isAbout(found.data) ? [found.data] : []));
  }

  /** Every page of a list. */
  async all(url: string): Promise<Record<string, unknown>[]> {
    const items: Record<string, unknown>[] = [];
    let next = url;
    do {
      const { status, body, headers } = await this.call('GET', next);
      expect(status).toBe(200);
      items.push(...(body.items as Record<string, unknown>[]));
      const link = /<(.*)>; rel="next"/.exec(String(headers.link))?.[1];
      expect(link === undefined).toBe(body.nextCursor === undefined);
      next = link ?? '';
    } while (next);
    return items;
  }
}

export const aSchema = (properties: object = {}) => ({
  type: 'object',
  required: ['id'],
  additionalProperties: false,
  properties: {
    id: { type: 'string' },
    kind: { type: 'string' },
    owner: {
      type: 'object',
      additionalProperties: false,
      properties: { name: { type: 'string' }, id: { type: 'string' } },
    },
    lat: { type: 'number' },
    lon: { type: 'number' },
    ...properties,
  },
});

export const aDataset = (over: object = {}) => ({
  datasetId: newId(),
  names: { en: 'Animals', zh: '动物' },
  responsibleDepartment: provider,
  publishers: ['partner-system'],
  sharingAttribute: 'conditional',
  legalBasis: 'article 1',
  keyPointer: '/id',
  dataSubjectPointer: '/owner/id',
  fields: [
    { pointer: '/id', classification: 'public' },
    { pointer: '/kind', classification: 'internal' },
    { pointer: '/owner/name', classification: 'personal' },
    { pointer: '/owner/id', classification: 'sensitive' },
  ],
  schema: aSchema(),
  ...over,
});

export const terms = (over: object = {}) => ({
  purposes: ['inspection'],
  legalBasis: 'article 2',
  fields: ['/id', '/kind'],
  masks: [],
  validFrom: '2026-01-01T00:00:00Z',
  validTo: '2027-01-01T00:00:00Z',
  deliveryModes: ['pull'],
  ...over,
});

/** A message as the bus brings it. */
export function envelope<T extends object>({ type }: Contract<T>, data: NoInfer<T>): Envelope<T> {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: '/services/test',
    type,
    time: '2026-03-02T01:00:00.000Z',
    datacontenttype: 'application/json',
    data,
  };
}
