import 'reflect-metadata';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AgreementRecord,
  type AgreementRecordV1,
  BUS_TOPIC,
  type Contract,
  creditCodeCheck,
  DatasetRecord,
  type DatasetRecordV1,
  DepartmentRecord,
  type Envelope,
  PrincipalRecord,
} from '@govbus/contracts';
import { applyTopics, messagingMigrations, readTopics, topicRanges } from '@govbus/messaging';
import {
  Changes,
  type Clock,
  createApp,
  DepartmentConsumer,
  PrincipalConsumer,
  Principals,
  Readiness,
  registryMigrations,
} from '@govbus/platform';
import { createTestDatabase, eventually, TestIssuer } from '@govbus/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { AgreementConsumer } from './agreements/agreement.consumer';
import { AppConfig } from './app.config';
import { AppModule } from './app.module';
import { migrations } from './data-source';
import { DatasetConsumer } from './datasets/dataset.consumer';
import { Datasets } from './datasets/datasets';
import { ReceiveDecisions } from './delivery/receive-decisions';

const topicsFile = join(__dirname, '../../../deploy/topics.yaml');
const codeOf = (first17: string): string => first17 + creditCodeCheck(first17);
export const provider = codeOf('11330100000000001');
export const consumer = codeOf('11330100000000002');
export const stranger = codeOf('11330100000000003');

/** A planted value: it may be in the database's events and nowhere else. */
export const marker = 'planted-marker-4711';

type Answer = { status: number; body: Record<string, unknown>; headers: Record<string, unknown> };
export type Caller = { id: string; department: string; scopes: string[] };

type Surroundings = { brokers?: string; issuer?: TestIssuer; mayHearLate?: boolean };

/** One exchange on its own database and ledger group, with its issuer; the broker is shared unless another is given. */
export class Exchange {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly config: AppConfig,
    readonly issuer: TestIssuer,
  ) {}

  static async start(
    over: Partial<AppConfig> = {},
    { brokers = process.env.TEST_KAFKA_BROKERS ?? '', ...given }: Surroundings = {},
  ): Promise<Exchange> {
    const topics = readTopics(readFileSync(topicsFile, 'utf8'));
    await applyTopics({ brokers: brokers.split(','), topics, profile: 'single-node' });
    const database = await createTestDatabase('exchange', [
      ...messagingMigrations,
      ...registryMigrations,
      ...migrations,
    ]);
    await beginAtTheEnd(database.url, brokers);
    await letSpecsSay(database.url);
    const issuer = given.issuer ?? (await TestIssuer.start());
    const config = Object.assign(new AppConfig(), {
      SERVICE_NAME: 'exchange',
      PORT: 0,
      PUBLIC_URL: 'http://127.0.0.1:7003',
      DATABASE_URL: database.url,
      KAFKA_BROKERS: brokers,
      OIDC_ISSUER: issuer.url,
      LOG_LEVEL: 'silent',
      SUBJECT_KEY_FILE: keyFile(),
      PSEUDONYM_KEY_FILE: keyFile(),
      WEBHOOK_ALLOW_PRIVATE: 'true',
      LEDGER_GROUP: `exchange.ledger.${randomUUID()}`,
      // Each of the many systems of a spec would get topics.
      INBOX: 'off' as const,
      INBOX_GROUP: `exchange.inbox.${randomUUID()}`,
      ...over,
    });
    const exchange = new Exchange(await createApp(AppModule, config, { kafka: false }), config, issuer);
    for (const department of [provider, consumer, stranger]) await exchange.department(department);
    // On a busy machine a process may not hear for a second: only where it is about that is anybody refused for it.
    if (!given.mayHearLate) Object.defineProperty(exchange.app.get(Changes), 'heardAgeMs', { value: 0 });
    await exchange.registryIsKnown();
    // The first test of a file would pay for it; what was told to find no broker does not join.
    if (config.roles.includes('ledger') && config.KAFKA_BROKERS === brokers)
      await eventually(() => exchange.app.get(Readiness).checks.get('ledger')?.(), 45_000);
    return exchange;
  }

  /** With a system that publishes and one that reads. */
  static async withParties(): Promise<{ exchange: Exchange; publisher: Caller; reader: Caller }> {
    const exchange = await Exchange.start();
    const publisher = await exchange.system(provider, ['events:publish']);
    const reader = await exchange.system(consumer, ['events:read']);
    return { exchange, publisher, reader };
  }

  /** Until when the copies are known to be whole; nothing is consumed here, so the specs say it. */
  async registryIsKnown(at = 'infinity'): Promise<void> {
    await this.db.query(
      `INSERT INTO said_of_registries SELECT topic, $1::timestamptz
         FROM unnest(ARRAY['catalog.registry', 'departments.registry']) AS topic
       ON CONFLICT (topic) DO UPDATE SET caught_up_at = excluded.caught_up_at`,
      [at],
    );
  }

  get db(): DataSource {
    return this.app.get(DataSource);
  }

  private get principals(): Principals {
    return this.app.get(Principals);
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.issuer.stop();
  }

  /** A department as the registry tells of it; known in memory too, which is a notification later. */
  async department(departmentCode: string, status: 'active' | 'suspended' = 'active', version = 1): Promise<void> {
    const record = { departmentCode, names: { en: departmentCode }, status, version };
    await this.app.get(DepartmentConsumer).apply(envelope(DepartmentRecord, record));
    await eventually(() => expect(this.principals.department(departmentCode)?.status).toBe(status));
  }

  /** A system that the registry knows. */
  async system(department: string, scopes: string[], status: 'active' | 'suspended' = 'active'): Promise<Caller> {
    const id = `system-${randomUUID().slice(0, 8)}`;
    await this.principal({ id, department, scopes }, status, 1);
    return { id, department, scopes };
  }

  /** The same of what the registry tells of a system later; known in memory too. */
  async principal(caller: Caller, status: 'active' | 'suspended', version: number): Promise<void> {
    const { id: principalId, department: departmentCode } = caller;
    const record = { principalId, kind: 'system' as const, departmentCode, names: { en: principalId }, roles: [] };
    await this.app.get(PrincipalConsumer).apply(envelope(PrincipalRecord, { ...record, status, version }));
    await eventually(() => expect(this.principals.get(principalId)?.version).toBeGreaterThanOrEqual(version));
  }

  /** From now on it is decided who receives as at another time; tokens, leases and counts keep theirs. */
  decideAt(time: Date) {
    const decisions = this.app.get(ReceiveDecisions) as unknown as { clock: Pick<Clock, 'now'> };
    return jest.replaceProperty(decisions, 'clock', { now: () => time });
  }

  /** A dataset of the provider with the fields key, area, name and phone. */
  async dataset(over: Partial<DatasetRecordV1> = {}): Promise<DatasetRecordV1> {
    const record: DatasetRecordV1 = {
      datasetId: `animals-${randomUUID().slice(0, 8)}`,
      names: { en: 'Animals' },
      responsibleDepartment: provider,
      publishers: [],
      sharingAttribute: 'conditional',
      legalBasis: 'Regulation, article 1',
      keyPointer: '/key',
      dataSubjectPointer: '/phone',
      fields: [{ pointer: '/key', classification: 'public' }],
      schemas: [{ schemaVersion: 1, schema }],
      status: 'active',
      version: 1,
      ...over,
    };
    await this.app.get(DatasetConsumer).apply(envelope(DatasetRecord, record));
    return record;
  }

  /** An agreement of the consumer over a dataset: rows of area north, key and name, the name masked. */
  async agreement(datasetId: string, over: Partial<AgreementRecordV1> = {}): Promise<AgreementRecordV1> {
    const record: AgreementRecordV1 = {
      agreementId: randomUUID(),
      datasetId,
      providerDepartment: provider,
      consumerDepartment: consumer,
      status: 'in-force',
      terms: {
        purposes: ['case-handling'],
        legalBasis: 'Regulation, article 2',
        fields: ['/key', '/name'],
        masks: [{ field: '/name', kind: 'redact' }],
        rowFilter: { equals: { field: '/area', value: 'north' } },
        validFrom: '2020-01-01T00:00:00Z',
        validTo: '2099-01-01T00:00:00Z',
        deliveryModes: ['pull', 'webhook'],
      },
      version: 1,
      ...over,
    };
    await this.change(record);
    return record;
  }

  change(record: AgreementRecordV1): Promise<unknown> {
    return this.app.get(AgreementConsumer).apply(envelope(AgreementRecord, record));
  }

  async call(
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    caller?: Caller,
    body?: unknown,
    type = 'application/json',
  ) {
    const headers: Record<string, string> = { ...(body === undefined ? {} : { 'content-type': type }) };
    if (caller) headers.authorization = `Bearer ${await this.issuer.token({ ...caller, kind: 'system', roles: [] })}`;
    const payload = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
    const response = await this.app.inject({ method, url, headers, payload });
    const isJson = /[/+]json\b/.test(String(response.headers['content-type']));
    const answer: Answer = {
      status: response.statusCode,
      body: isJson ? response.json() : {},
      headers: response.headers,
    };
    return answer;
  }

  publish(caller: Caller | undefined, event: unknown): Promise<Answer> {
    return this.call('POST', '/v1/events', caller, event, 'application/cloudevents+json');
  }

  publishBatch(caller: Caller, events: unknown): Promise<Answer> {
    return this.call('POST', '/v1/events', caller, events, 'application/cloudevents-batch+json');
  }

  /** Waits until the ledger of a dataset holds so many events; its reader has to join its group first. */
  ledgerAt(datasetId: string, position: number): Promise<void> {
    return eventually(async () => {
      const rows = await this.db.query<{ last_position: string }[]>(
        'SELECT last_position FROM dataset_heads WHERE dataset_id = $1',
        [datasetId],
      );
      expect(Number(rows[0]?.last_position ?? 0)).toBe(position);
    }, 25_000);
  }

  /** Waits until the process has heard of a version of a dataset. */
  reloaded(datasetId: string, version: number): Promise<void> {
    return eventually(() => expect(this.app.get(Datasets).get(datasetId)?.copy.version).toBe(version));
  }

  /** The audit entries waiting in the outbox that are about a dataset, or all. */
  async entries(datasetId?: string): Promise<Record<string, unknown>[]> {
    const rows = await this.db.query<object[]>('SELECT * FROM outbox ORDER BY id');
    return rows
      .map((row) =>
        Object.values(row)
          .map(envelopeIn)
          .find((found) => found !== undefined),
      )
      .flatMap((found) => (found === undefined ? [] : [found.data]))
      .filter((entry) => datasetId === undefined || entry.datasetId === datasetId);
  }

  async outboxText(): Promise<string> {
    return JSON.stringify(await this.db.query('SELECT * FROM outbox'));
  }
}

function envelopeIn(column: unknown): { data: Record<string, unknown> } | undefined {
  const text =
    typeof column === 'string' ? column : Buffer.isBuffer(column) ? column.toString() : JSON.stringify(column);
  if (!text.includes('audit.entry-recorded.v1') || !text.startsWith('{')) return undefined;
  return JSON.parse(text) as { data: Record<string, unknown> };
}

const schema = {
  type: 'object',
  required: ['key', 'area'],
  properties: {
    key: { type: 'string' },
    area: { type: 'string' },
    name: { type: 'string' },
    phone: { type: 'string' },
  },
};

// What specs before this one left in the topic, broken messages among it, is not this one's.
async function beginAtTheEnd(url: string, brokers: string): Promise<void> {
  const ranges = await topicRanges({ brokers: brokers.split(','), clientId: 'spec' }, BUS_TOPIC);
  const db = await new DataSource({ type: 'postgres', url }).initialize();
  await db.query('INSERT INTO kafka_offsets SELECT $1, unnest($2::integer[]), unnest($3::bigint[])', [
    BUS_TOPIC,
    ranges.map(({ partition }) => partition),
    ranges.map(({ end }) => end.toString()),
  ]);
  await db.destroy();
}

// Without a reader of the registries nobody else says when the copies were whole; `infinity` stands for any time.
async function letSpecsSay(url: string): Promise<void> {
  const db = await new DataSource({ type: 'postgres', url }).initialize();
  await db.query('ALTER TABLE registry_watch RENAME TO said_of_registries');
  await db.query(`CREATE VIEW registry_watch AS
    SELECT topic, CASE WHEN isfinite(caught_up_at) THEN caught_up_at ELSE clock_timestamp() END AS caught_up_at
      FROM said_of_registries WHERE caught_up_at > '-infinity'`);
  await db.destroy();
}

function keyFile(): string {
  const file = join(mkdtempSync(join(tmpdir(), 'govbus-keys-')), 'key');
  writeFileSync(file, randomBytes(32).toString('base64'), { mode: 0o600 });
  return file;
}

export function envelope<T extends object>(contract: Contract<T>, data: T): Envelope<T> {
  const time = new Date().toISOString();
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: '/tests',
    type: contract.type,
    time,
    datacontenttype: 'application/json',
    data,
  };
}

/** An event of a dataset; area north unless told otherwise. */
export function event(dataset: string, id: string, data: object = {}): Record<string, unknown> {
  const payload = { key: `key-${id}`, area: 'north', name: `${marker}-name`, phone: `${marker}-${id}`, ...data };
  return { specversion: '1.0', id, source: `/tests/${dataset}`, type: 'animal.seen', dataset, data: payload };
}

// Others import what stands above; this test runs here alone.
if (expect.getState().testPath === __filename)
  describe('the exchange', () => {
    it('starts, says so and stops', async () => {
      const exchange = await Exchange.start();
      expect((await exchange.call('GET', '/health/live')).status).toBe(200);
      await exchange.stop();
      await expect(exchange.call('GET', '/health/live')).rejects.toThrow();
    });
  });
