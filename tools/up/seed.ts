// A small city: three departments, their systems and officers, a grid, a dataset and two agreements. Made once.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@govbus/cli';
import { creditCodeCheck } from '@govbus/contracts';
import type { RunningSystem } from './system.ts';

const codeOf = (first17: string): string => first17 + creditCodeCheck(first17);
export const departments = {
  centre: codeOf('11330100000000101'),
  management: codeOf('11330100000000102'),
  water: codeOf('11330100000000103'),
};
export const datasetId = 'street-reports';
const admin = 'govbus-admin';
const steward = 'sharing-officer';

/** Who may call: written for the command line tool and for people, mode 600. */
export const credentialsFile = (dir: string): string => join(dir, 'credentials.json');

/** The city, made at the first start; the client knows the secrets of everybody in it. */
export async function seed(system: RunningSystem, say: (text: string) => void): Promise<Client> {
  const file = credentialsFile(system.dir);
  const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { secrets: Secrets }).secrets : undefined;
  const secrets: Secrets = { ...kept, [admin]: system.keys.adminSecret };
  const client = Client.of({ urls: system.urls, secrets });
  if (!kept) {
    say('seeding a small city');
    await new Seeding(system, client).run();
  }
  const connection = { urls: system.urls, secrets, logKey: system.keys.logKey };
  writeFileSync(file, JSON.stringify(connection, null, 2), { mode: 0o600 });
  return client;
}

// Every step may run again: a start that was killed half-way is made good by the next one.
class Seeding {
  private readonly urls: RunningSystem['urls'];
  private readonly system: RunningSystem;
  private readonly client: Client;

  constructor(system: RunningSystem, client: Client) {
    this.system = system;
    this.urls = system.urls;
    this.client = client;
  }

  async run(): Promise<void> {
    await this.department(departments.centre, { en: 'Grid Centre', zh: '网格中心' });
    await this.department(departments.management, { en: 'City Management', zh: '城市管理局' });
    await this.department(departments.water, { en: 'Water Authority', zh: '水务局' });
    await this.principals();
    await this.grid();
    await this.client.must(steward, 'POST', `${this.urls['data-catalog']}/v1/datasets`, datasetOrder());
    await this.agreements();
  }

  private async department(departmentCode: string, names: Record<string, string>): Promise<void> {
    await this.client.must(admin, 'POST', `${this.urls.departments}/v1/departments`, { departmentCode, names });
  }

  private async principals(): Promise<void> {
    const { centre, management, water } = departments;
    await this.registered('reports-system', management, ['events:publish', 'catalog:read']);
    await this.registered('water-system', water, ['events:read', 'catalog:read']);
    await this.registered('case-routing', centre, ['events:read'], this.publicKeyOfCaseRouting());
    await this.officer(
      steward,
      management,
      ['sharing-officer', 'data-steward'],
      ['catalog:read', 'catalog:write', 'agreements:decide'],
    );
    await this.officer('dispatcher', centre, ['dispatcher'], ['cases:dispatch', 'cases:handle']);
    await this.officer('auditor', centre, ['auditor'], ['audit:read']);
  }

  private async registered(systemId: string, departmentCode: string, scopes: string[], key?: object): Promise<void> {
    const order = { systemId, departmentCode, names: { en: systemId }, scopes };
    await this.client.must(admin, 'POST', `${this.urls.departments}/v1/systems`, order);
    await this.credential('systems', systemId, key);
  }

  private async officer(officerId: string, departmentCode: string, roles: string[], scopes: string[]): Promise<void> {
    const order = { officerId, departmentCode, names: { en: officerId }, roles, scopes };
    await this.client.must(admin, 'POST', `${this.urls.departments}/v1/officers`, order);
    await this.credential('officers', officerId);
  }

  private async credential(noun: string, id: string, key?: object): Promise<void> {
    const url = `${this.urls.departments}/v1/${noun}/${id}/credentials`;
    const order = key ? { method: 'private-key-jwt', jwks: { keys: [key] } } : { method: 'secret' };
    const { clientSecret } = await this.client.must<{ clientSecret?: string }>(admin, 'POST', url, order);
    if (clientSecret) this.client.secrets[id] = clientSecret;
  }

  private publicKeyOfCaseRouting(): object {
    const { d: _private, ...publicKey } = this.system.keys.caseRoutingKey;
    return publicKey;
  }

  private async grid(): Promise<void> {
    const { departments: registry, 'case-routing': cases } = this.urls;
    const grid = { gridId: 'old-town', names: { en: 'Old Town', zh: '老城' } };
    await this.client.must(admin, 'POST', `${registry}/v1/grids`, grid);
    await this.client.must(admin, 'PUT', `${registry}/v1/grids/old-town/cells`, gridOf());
    const pipes = { unitId: 'pipe-crew', departmentCode: departments.water, names: { en: 'Pipe crew', zh: '管道班' } };
    const streets = {
      unitId: 'street-crew',
      departmentCode: departments.management,
      names: { en: 'Street crew', zh: '街道班' },
    };
    for (const unit of [pipes, streets]) await this.client.must('dispatcher', 'POST', `${cases}/v1/units`, unit);
    const entries = [
      { category: 'broken-pipe', gridId: 'old-town', unitId: 'pipe-crew', limitWorkingDays: 2 },
      { category: '*', gridId: 'old-town', unitId: 'street-crew', limitWorkingDays: 5 },
    ];
    await this.client.must('dispatcher', 'PUT', `${cases}/v1/directory`, { entries });
  }

  private async agreements(): Promise<void> {
    const granted = ['/reportId', '/category', '/latitude', '/longitude'];
    await this.agree(departments.centre, {
      purposes: ['case-handling'],
      fields: [...granted, '/text'],
      masks: [],
      deliveryModes: ['pull'],
    });
    await this.agree(departments.water, {
      purposes: ['pipe-maintenance'],
      fields: [...granted, '/phone'],
      masks: [{ field: '/phone', kind: 'partial', params: { keepEnd: 2 } }],
      rowFilter: { equals: { field: '/category', value: 'broken-pipe' } },
      deliveryModes: ['pull', 'webhook', 'sse', 'kafka', 'query', 'file'],
    });
  }

  private async agree(consumerDepartment: string, terms: object): Promise<void> {
    const url = `${this.urls['data-catalog']}/v1/agreements`;
    const found = await this.client.must<Agreements>(steward, 'GET', `${url}?consumerDepartment=${consumerDepartment}`);
    if (found.items.some(({ status }) => status === 'in-force')) return;
    const period = { validFrom: '2026-01-01T00:00:00Z', validTo: '2036-01-01T00:00:00Z' };
    const legalBasis = 'Regulation on the sharing of government data, article 5';
    const order = { datasetId, consumerDepartment, terms: { legalBasis, ...period, ...terms } };
    const { agreementId } = await this.client.must<{ agreementId: string }>(steward, 'POST', url, order);
    for (const move of ['approve', 'activate'])
      await this.client.must(steward, 'POST', `${url}/${agreementId}/${move}`, {});
  }
}
type Secrets = Record<string, string>;
export type Agreements = { items: { agreementId: string; status: string }[] };

function gridOf(): object {
  const cell = (name: string, zh: string, west: number, south: number) => {
    const [east, north] = [west + 0.01, south + 0.01];
    const ring = [
      [west, south],
      [east, south],
      [east, north],
      [west, north],
      [west, south],
    ];
    const geometry = { type: 'Polygon', coordinates: [ring] };
    return { type: 'Feature', properties: { name, names: { en: name, zh } }, geometry };
  };
  const features = [cell('Lakeside', '湖滨', 120.155, 30.245), cell('Market', '市场', 120.165, 30.255)];
  return { type: 'FeatureCollection', features };
}

function datasetOrder(): object {
  const text = { type: 'string' };
  const number = { type: 'number' };
  const classifications = {
    reportId: 'public',
    category: 'public',
    latitude: 'internal',
    longitude: 'internal',
    phone: 'personal',
    text: 'internal',
  };
  return {
    datasetId,
    names: { en: 'Street reports', zh: '街道报告' },
    responsibleDepartment: departments.management,
    publishers: [],
    sharingAttribute: 'conditional',
    legalBasis: 'Regulation on city management, article 12',
    keyPointer: '/reportId',
    dataSubjectPointer: '/phone',
    fields: Object.entries(classifications).map(([name, classification]) => ({ pointer: `/${name}`, classification })),
    caseMapping: {
      gridId: 'old-town',
      category: '/category',
      latitude: '/latitude',
      longitude: '/longitude',
      summary: '/text',
    },
    schema: {
      type: 'object',
      required: ['reportId', 'category'],
      properties: { reportId: text, category: text, latitude: number, longitude: number, phone: text, text },
      additionalProperties: false,
    },
  };
}
