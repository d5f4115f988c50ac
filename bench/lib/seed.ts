// Puts departments, principals, datasets and agreements into the exchange the way the other services do: by Kafka.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  AgreementRecord,
  type AgreementRecordV1,
  type Contract,
  DatasetRecord,
  DepartmentRecord,
  PrincipalRecord,
} from '@govbus/contracts';
import type { OutgoingMessage } from '@govbus/messaging';
import { consumerOf, datasetOf, departmentOf, departments, publisherOf, schema } from './city.ts';
import type { System } from './system.ts';

const all = Array.from({ length: departments }, (_, i) => i);

/** Sends snapshots of the registries and waits until the exchange has copied them. */
export async function send<T extends object>(system: System, contract: Contract<T>, data: T[]): Promise<void> {
  await system.producer.sendAll(data.map((record) => messageOf(contract, record)));
}

function messageOf<T extends object>(contract: Contract<T>, data: T): OutgoingMessage {
  const head = { specversion: '1.0', id: randomUUID(), source: '/bench', type: contract.type };
  const rest = { time: new Date().toISOString(), datacontenttype: 'application/json', data };
  const value = JSON.stringify({ ...head, ...rest });
  return { topic: contract.topic, key: contract.key(data), value };
}

/** Waits until a table of the exchange has so many rows. */
export async function rowsIn(system: System, table: string, rows: number): Promise<void> {
  const deadline = performance.now() + 600_000;
  for (;;) {
    const { rows: found } = await system.db.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`);
    if (Number(found[0]?.n) >= rows) return;
    if (performance.now() > deadline) throw new Error(`${table} has ${found[0]?.n} rows and not ${rows}`);
    await pause(50);
  }
}

/** The 50 departments with their systems and datasets. */
export async function seedCity(system: System): Promise<void> {
  const status = 'active' as const;
  const named = (en: string) => ({ names: { en }, status, version: 1 });
  await send(
    system,
    DepartmentRecord,
    all.map((i) => ({ departmentCode: departmentOf(i), ...named(`Department ${i}`) })),
  );
  const system_ = (principalId: string, i: number) => {
    const kind = 'system' as const;
    return { principalId, kind, departmentCode: departmentOf(i), roles: [], ...named(principalId) };
  };
  await send(
    system,
    PrincipalRecord,
    all.flatMap((i) => [system_(publisherOf(i), i), system_(consumerOf(i), i)]),
  );
  await send(system, DatasetRecord, all.map(datasetRecordOf));
  await rowsIn(system, 'departments', departments);
  await rowsIn(system, 'principals', 2 * departments);
  await rowsIn(system, 'datasets', departments);
}

const datasetRecordOf = (i: number) => ({
  datasetId: datasetOf(i),
  names: { en: `Reports ${i}` },
  responsibleDepartment: departmentOf(i),
  publishers: [],
  sharingAttribute: 'conditional' as const,
  legalBasis: 'Regulation on data sharing, article 12',
  keyPointer: '/key',
  dataSubjectPointer: '/phone',
  fields: Object.keys(schema.properties).map((name) => ({
    pointer: `/${name}`,
    classification: name === 'phone' || name === 'name' ? ('personal' as const) : ('internal' as const),
  })),
  schemas: [{ schemaVersion: 1, schema }],
  status: 'active' as const,
  version: 1,
});

/** An agreement over dataset `i` for the system of department `consumer`. */
export function agreementOf(
  i: number,
  consumer: number,
  terms: Partial<AgreementRecordV1['terms']> = {},
): AgreementRecordV1 {
  return {
    agreementId: randomUUID(),
    datasetId: datasetOf(i),
    providerDepartment: departmentOf(i),
    consumerDepartment: departmentOf(consumer),
    status: 'in-force',
    terms: {
      purposes: ['case-handling'],
      legalBasis: 'Regulation on data sharing, article 14',
      fields: ['/key', '/district', '/category', '/status', '/openedAt', '/sentAt'],
      masks: [],
      validFrom: '2020-01-01T00:00:00Z',
      validTo: '2099-01-01T00:00:00Z',
      deliveryModes: ['pull', 'webhook', 'kafka'],
      ...terms,
    },
    version: 1,
  };
}

/** Agreements up to `count` in all, spread over datasets and consumers; those of earlier calls stay. */
export async function seedAgreements(system: System, count: number): Promise<void> {
  const { rows } = await system.db.query<{ n: string }>('SELECT count(*) AS n FROM agreements');
  const have = Number(rows[0]?.n ?? 0);
  const more = Array.from({ length: Math.max(0, count - have) }, (_, j) => agreementOf(have + j, have + j * 7 + 1));
  for (let at = 0; at < more.length; at += 500) await send(system, AgreementRecord, more.slice(at, at + 500));
  await rowsIn(system, 'agreements', count);
  await untilSure(system);
}

// While many records come, the exchange may not know the newest for more than a second, and discloses nothing then
// (decision 8): delivery is measured from when it is sure again.
async function untilSure(system: System): Promise<void> {
  const { rows } = await system.db.query<{ now: string }>('SELECT clock_timestamp()::text AS now');
  const deadline = performance.now() + 60_000;
  for (;;) {
    const watched = await system.db.query('SELECT 1 FROM registry_watch WHERE caught_up_at > $1::timestamptz', [
      rows[0]?.now,
    ]);
    if (watched.rows.length === 2) return;
    if (performance.now() > deadline) throw new Error('the exchange has not read the registries to their ends in 60 s');
    await pause(50);
  }
}

/** The same agreements as Cedar policies, as the textbook build has them: a permit for each, and one for publishing. */
export function textbookCity(agreements: number): {
  policies: Record<string, string>;
  datasets: Record<string, string>;
} {
  const permits = Array.from({ length: agreements }, (_, j) => {
    const consumer = departmentOf(j * 7 + 1);
    const when = `principal.department == "${consumer}" && context.purpose == "case-handling"`;
    const scope = `principal, action == Action::"receive", resource == Dataset::"${datasetOf(j)}"`;
    return [`agreement-${j}`, `permit (${scope}) when { ${when} };`] as const;
  });
  const publishing = 'permit (principal, action == Action::"publish", resource)';
  return {
    policies: {
      ...Object.fromEntries(permits),
      publishing: `${publishing} when { principal.department == resource.department };`,
    },
    datasets: Object.fromEntries(all.map((i) => [datasetOf(i), departmentOf(i)])),
  };
}
