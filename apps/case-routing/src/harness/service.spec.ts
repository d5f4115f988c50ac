import 'reflect-metadata';
import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AgreementRecord,
  type AgreementRecordV1,
  type Contract,
  creditCodeCheck,
  DatasetRecord,
  type DatasetRecordV1,
  DepartmentRecord,
  type Envelope,
  GridCellRecord,
} from '@govbus/contracts';
import { messagingMigrations } from '@govbus/messaging';
import { createApp, DepartmentConsumer, Principals, registryMigrations } from '@govbus/platform';
import { createTestDatabase, eventually, TestIssuer } from '@govbus/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { AgreementConsumer } from '../agreements/agreement.consumer';
import { AppConfig } from '../app.config';
import { AppModule } from '../app.module';
import { migrations } from '../data-source';
import { DatasetConsumer } from '../datasets/dataset.consumer';
import { GridCellConsumer } from '../grids/grid-cell.consumer';

const codeOf = (first17: string): string => first17 + creditCodeCheck(first17);
/** The department of the grid centre, which draws the cases. */
export const centre = codeOf('11330100000000001');
/** Departments of the units. */
export const police = codeOf('11330100000000002');
export const parks = codeOf('11330100000000003');

/** Who calls. */
export type Who = { id: string; department: string; scopes: string[]; roles: string[]; kind: 'system' | 'officer' };
const officer = (id: string, department: string, role: string, ...scopes: string[]): Who => ({
  id,
  department,
  scopes,
  roles: [role],
  kind: 'officer',
});
export const dispatcher = officer('dora', centre, 'dispatcher', 'cases:dispatch', 'cases:handle');
export const inspector = officer('ines', centre, 'dispatcher', 'cases:dispatch', 'cases:handle');
export const policeOfficer = officer('paul', police, 'case-officer', 'cases:handle');
export const parkOfficer = officer('petra', parks, 'case-officer', 'cases:handle');
export const reader = officer('rita', police, 'auditor', 'catalog:read');

type Answer = { status: number; body: Record<string, unknown>; headers: Record<string, unknown> };

/** case-routing on a database of its own, driven from outside. */
export class Service {
  private constructor(
    readonly app: NestFastifyApplication,
    /** Public half of the service's own credential. */
    readonly publicKey: KeyObject,
    private readonly issuer: TestIssuer,
    private readonly keyDir: string,
  ) {}

  static async start(over: Partial<AppConfig> = {}): Promise<Service> {
    const database = await createTestDatabase('case-routing', [
      ...messagingMigrations,
      ...registryMigrations,
      ...migrations,
    ]);
    const issuer = await TestIssuer.start();
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const keyDir = mkdtempSync(join(tmpdir(), 'case-routing-'));
    const keyFile = join(keyDir, 'key.jwk');
    writeFileSync(keyFile, JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: 'own-key' }), {
      mode: 0o600,
    });
    const config = Object.assign(new AppConfig(), {
      PORT: 0,
      PUBLIC_URL: 'http://127.0.0.1:7004',
      DATABASE_URL: database.url,
      KAFKA_BROKERS: '127.0.0.1:9',
      OIDC_ISSUER: issuer.url,
      LOG_LEVEL: 'silent',
      EXCHANGE_URL: 'http://127.0.0.1:9',
      CASE_ROUTING_KEY_FILE: keyFile,
      CASE_ROUTING_DEPARTMENT: centre,
      ...over,
    });
    const app = await createApp(AppModule, config, { kafka: false });
    const service = new Service(app, publicKey, issuer, keyDir);
    for (const departmentCode of [centre, police, parks]) await service.department(departmentCode);
    return service;
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.issuer.stop();
    rmSync(this.keyDir, { recursive: true });
  }

  get db(): DataSource {
    return this.app.get(DataSource);
  }

  /** A token of this caller; `more` overrides its claims. */
  tokenOf(who: Who, more?: object): Promise<string> {
    return this.issuer.token(who, more);
  }

  async call(
    method: 'GET' | 'POST' | 'PUT',
    url: string,
    who?: Who,
    body?: object,
    more: Record<string, string> = {},
  ): Promise<Answer> {
    const headers: Record<string, string> = { ...more };
    if (who) headers.authorization = `Bearer ${await this.issuer.token(who)}`;
    const response = await this.app.inject({ method, url, headers, ...(body && { payload: body }) });
    return { status: response.statusCode, body: response.json(), headers: response.headers };
  }

  /** Tells the service of a department. */
  async department(departmentCode: string): Promise<void> {
    const record = { departmentCode, names: { en: 'Department' }, status: 'active' as const, version: 1 };
    await this.app.get(DepartmentConsumer).apply(envelope(DepartmentRecord, record));
    // The copy in memory follows the notification.
    await eventually(() => expect(this.app.get(Principals).department(departmentCode)).toBeDefined());
  }

  /** A unit of its own, ready to be named. */
  async unit(departmentCode: string): Promise<string> {
    const unitId = `unit-${randomUUID().slice(0, 8)}`;
    const { status } = await this.call('POST', '/v1/units', dispatcher, {
      unitId,
      departmentCode,
      names: { en: unitId },
    });
    expect(status).toBe(201);
    return unitId;
  }

  /** A square cell of one degree, its south-west corner at the given place. */
  cell(
    gridId: string,
    cellId: string,
    longitude: number,
    latitude: number,
    version = 1,
    status: 'active' | 'retired' = 'active',
  ) {
    const ring = [
      [longitude, latitude],
      [longitude + 1, latitude],
      [longitude + 1, latitude + 1],
      [longitude, latitude + 1],
      [longitude, latitude],
    ];
    const geometry = { type: 'Polygon' as const, coordinates: [ring] };
    const record = { gridId, cellId, names: { en: cellId }, geometry, status, version };
    return this.app.get(GridCellConsumer).apply(envelope(GridCellRecord, record));
  }

  /** A dataset of cases in the grid. */
  async dataset(gridId: string, over: Partial<DatasetRecordV1> = {}): Promise<string> {
    const datasetId = `cases-${randomUUID().slice(0, 8)}`;
    const record: DatasetRecordV1 = {
      datasetId,
      names: { en: 'Cases' },
      responsibleDepartment: parks,
      publishers: [],
      sharingAttribute: 'conditional',
      legalBasis: 'article 1',
      keyPointer: '/id',
      fields: [],
      schemas: [],
      caseMapping: { gridId, category: '/kind', latitude: '/lat', longitude: '/lon', summary: '/text' },
      status: 'active',
      version: 1,
      ...over,
    };
    await this.app.get(DatasetConsumer).apply(envelope(DatasetRecord, record));
    return datasetId;
  }

  /** An agreement in force that lets the centre draw the dataset's cases. */
  async agreement(datasetId: string, over: Partial<AgreementRecordV1> = {}): Promise<AgreementRecordV1> {
    const record: AgreementRecordV1 = {
      agreementId: randomUUID(),
      datasetId,
      providerDepartment: parks,
      consumerDepartment: centre,
      status: 'in-force',
      terms: {
        purposes: ['case-handling'],
        legalBasis: 'article 2',
        fields: ['/kind', '/lat', '/lon', '/id', '/text'],
        masks: [],
        validFrom: '2020-01-01T00:00:00Z',
        validTo: '2099-01-01T00:00:00Z',
        deliveryModes: ['pull'],
      },
      version: 1,
      ...over,
    };
    await this.app.get(AgreementConsumer).apply(envelope(AgreementRecord, record));
    return record;
  }

  /** Messages of a contract that wait in the outbox, as their data, in order. */
  async sent<T extends object>({ type }: Contract<T>, isAbout: (data: T) => boolean): Promise<T[]> {
    const rows = await this.db.query<Record<string, unknown>[]>('select * from outbox order by id');
    const envelopes = rows.flatMap((row) => Object.values(row).map(envelopeIn));
    return envelopes.flatMap((found) => (found?.type === type && isAbout(found.data as T) ? [found.data as T] : []));
  }
}

function envelopeIn(column: unknown): Envelope<unknown> | undefined {
  const text = Buffer.isBuffer(column)
    ? column.toString()
    : typeof column === 'string'
      ? column
      : JSON.stringify(column);
  if (!text?.startsWith('{')) return undefined;
  const value: Partial<Envelope<unknown>> = JSON.parse(text);
  return value.specversion ? (value as Envelope<unknown>) : undefined;
}

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
