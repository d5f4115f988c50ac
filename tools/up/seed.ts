// A small city and one scene of the main job. The city is made once; the scene plays at every start.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { creditCodeCheck } from '@govbus/contracts';
import { Client, eventually } from './client.ts';
import type { RunningSystem } from './system.ts';

const codeOf = (first17: string): string => first17 + creditCodeCheck(first17);
export const departments = {
  centre: codeOf('11330100000000101'),
  management: codeOf('11330100000000102'),
  water: codeOf('11330100000000103'),
};
const dataset = 'street-reports';
const period = { validFrom: '2026-01-01T00:00:00Z', validTo: '2036-01-01T00:00:00Z' };

export async function seed(system: RunningSystem, say: (text: string) => void): Promise<string> {
  const file = join(system.dir, 'credentials.json');
  const kept = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as { secrets: Record<string, string> })
    : undefined;
  const secrets: Record<string, string> = { ...kept?.secrets, 'govbus-admin': system.keys.adminSecret };
  const client = new Client(`${system.urls.departments}/oidc`, secrets);
  if (!kept) {
    say('seeding a small city');
    await makeCity(system, client);
  }
  writeFileSync(
    file,
    JSON.stringify({ urls: system.urls, secrets: client.secrets, logKey: system.keys.logKey }, null, 2),
    { mode: 0o600 },
  );
  say('playing one scene');
  return await playScene(system, client);
}

async function makeCity({ urls, keys }: RunningSystem, client: Client): Promise<void> {
  const { departments: registry, 'data-catalog': catalog, 'case-routing': cases } = urls;
  const admin = 'govbus-admin';
  const names = {
    centre: { en: 'Grid Centre', zh: '网格中心' },
    management: { en: 'City Management', zh: '城市管理局' },
    water: { en: 'Water Authority', zh: '水务局' },
  };
  for (const [key, departmentCode] of Object.entries(departments))
    await client.must(admin, 'POST', `${registry}/v1/departments`, {
      departmentCode,
      names: names[key as keyof typeof names],
    });
  const system = async (systemId: string, departmentCode: string, scopes: string[]): Promise<void> => {
    await client.must(admin, 'POST', `${registry}/v1/systems`, {
      systemId,
      departmentCode,
      names: { en: systemId },
      scopes,
    });
    if (systemId !== 'case-routing') await secretFor('systems', systemId);
  };
  const officer = async (
    officerId: string,
    departmentCode: string,
    roles: string[],
    scopes: string[],
  ): Promise<void> => {
    await client.must(admin, 'POST', `${registry}/v1/officers`, {
      officerId,
      departmentCode,
      names: { en: officerId },
      roles,
      scopes,
    });
    await secretFor('officers', officerId);
  };
  const secretFor = async (noun: string, id: string): Promise<void> => {
    const { clientSecret } = await client.must(admin, 'POST', `${registry}/v1/${noun}/${id}/credentials`, {
      method: 'secret',
    });
    client.secrets[id] = clientSecret;
  };
  await system('reports-system', departments.management, ['events:publish', 'catalog:read']);
  await system('water-system', departments.water, ['events:read', 'catalog:read']);
  await system('case-routing', departments.centre, ['events:read']);
  const { d: _private, ...publicKey } = keys.caseRoutingKey;
  const credential = { method: 'private-key-jwt', jwks: { keys: [publicKey] } };
  await client.must(admin, 'POST', `${registry}/v1/systems/case-routing/credentials`, credential);
  await officer(
    'sharing-officer',
    departments.management,
    ['sharing-officer', 'data-steward'],
    ['catalog:read', 'catalog:write', 'agreements:decide'],
  );
  await officer('dispatcher', departments.centre, ['dispatcher'], ['cases:dispatch', 'cases:handle']);
  await officer('auditor', departments.centre, ['auditor'], ['audit:read']);

  await client.must(admin, 'POST', `${registry}/v1/grids`, {
    gridId: 'old-town',
    names: { en: 'Old Town', zh: '老城' },
  });
  await client.must(admin, 'PUT', `${registry}/v1/grids/old-town/cells`, gridOf());
  await client.must('dispatcher', 'POST', `${cases}/v1/units`, {
    unitId: 'pipe-crew',
    departmentCode: departments.water,
    names: { en: 'Pipe crew', zh: '管道班' },
  });
  await client.must('dispatcher', 'POST', `${cases}/v1/units`, {
    unitId: 'street-crew',
    departmentCode: departments.management,
    names: { en: 'Street crew', zh: '街道班' },
  });
  const entries = [
    { category: 'broken-pipe', gridId: 'old-town', unitId: 'pipe-crew', limitWorkingDays: 2 },
    { category: '*', gridId: 'old-town', unitId: 'street-crew', limitWorkingDays: 5 },
  ];
  await client.must('dispatcher', 'PUT', `${cases}/v1/directory`, { entries });

  await client.must('sharing-officer', 'POST', `${catalog}/v1/datasets`, datasetOrder());
  const agree = async (consumerDepartment: string, terms: object): Promise<void> => {
    const order = {
      datasetId: dataset,
      consumerDepartment,
      terms: { legalBasis: 'Data sharing regulation, article 5', ...period, ...terms },
    };
    const { agreementId } = await client.must('sharing-officer', 'POST', `${catalog}/v1/agreements`, order);
    for (const move of ['approve', 'activate'])
      await client.must('sharing-officer', 'POST', `${catalog}/v1/agreements/${agreementId}/${move}`, {});
  };
  await agree(departments.centre, {
    purposes: ['case-handling'],
    fields: ['/reportId', '/category', '/latitude', '/longitude', '/text'],
    masks: [],
    deliveryModes: ['pull'],
  });
  await agree(departments.water, {
    purposes: ['pipe-maintenance'],
    fields: ['/reportId', '/category', '/latitude', '/longitude', '/phone'],
    masks: [{ field: '/phone', kind: 'partial', params: { keepEnd: 2 } }],
    rowFilter: { equals: { field: '/category', value: 'broken-pipe' } },
    deliveryModes: ['pull', 'webhook'],
  });
}

async function playScene({ urls }: RunningSystem, client: Client): Promise<string> {
  const run = Date.now().toString(36);
  const reports = [
    {
      reportId: `${run}-1`,
      category: 'broken-pipe',
      latitude: 30.251,
      longitude: 120.161,
      phone: '13800001234',
      text: 'Water on the road 路面漏水',
    },
    {
      reportId: `${run}-2`,
      category: 'rubbish',
      latitude: 30.262,
      longitude: 120.172,
      phone: '13800005678',
      text: 'Heap behind the market 市场后垃圾堆',
    },
    {
      reportId: `${run}-3`,
      category: 'broken-pipe',
      latitude: 31.5,
      longitude: 121.5,
      phone: '13800009999',
      text: 'Outside the grid 网格外',
    },
  ];
  const events = reports.map((data) => ({
    specversion: '1.0',
    id: data.reportId,
    source: '/reports-system',
    type: 'report.made',
    dataset,
    data,
  }));
  const published = await client.must(
    'reports-system',
    'POST',
    `${urls.exchange}/v1/events`,
    events,
    'application/cloudevents-batch+json',
  );
  const { items: agreements } = await client.must(
    'water-system',
    'GET',
    `${urls['data-catalog']}/v1/agreements?consumerDepartment=${departments.water}`,
  );
  const order = {
    agreementId: agreements[0].agreementId,
    purpose: 'pipe-maintenance',
    mode: 'pull',
    startFrom: 'beginning',
  };
  const known = await client.must('water-system', 'GET', `${urls.exchange}/v1/subscriptions`);
  const { subscriptionId } =
    known.items[0] ?? (await client.must('water-system', 'POST', `${urls.exchange}/v1/subscriptions`, order));
  const page = await eventually(async () => {
    const found = await client.must(
      'water-system',
      'GET',
      `${urls.exchange}/v1/subscriptions/${subscriptionId}/events`,
    );
    return found.events.length >= 2 ? found : undefined;
  }, 'the water authority to receive its reports');
  await client.must('water-system', 'POST', `${urls.exchange}/v1/subscriptions/${subscriptionId}/ack`, {
    cursor: page.nextCursor,
  });
  const denied = await client.call('water-system', 'POST', `${urls.exchange}/v1/subscriptions`, {
    ...order,
    purpose: 'marketing',
  });
  const cases = await eventually(async () => {
    const { items } = await client.must('dispatcher', 'GET', `${urls['case-routing']}/v1/cases?limit=100`);
    const mine = items.filter((item: any) => String(item.recordKey).startsWith(run));
    return mine.length === reports.length ? mine : undefined;
  }, 'the cases');
  const line = (item: any): string =>
    `    ${item.recordKey.padEnd(12)} ${item.category.padEnd(12)} ${item.status.padEnd(11)} ${item.cellId ?? 'no cell'} ${item.unitId ?? ''}`;
  return `What happened:
  City Management published ${published.accepted} reports once.
  The Water Authority sees ${page.events.length} of them, by its agreement, with the phone masked:
    ${JSON.stringify(page.events[0].data)}
  Asked for the purpose "marketing" it gets ${denied.status}: ${denied.body.detail}
  The Grid Centre's cases:
${cases.map(line).join('\n')}`;
}

function gridOf() {
  const cell = (name: string, zh: string, west: number, south: number) => ({
    type: 'Feature',
    properties: { name, names: { en: name, zh } },
    geometry: {
      type: 'Polygon',
      coordinates: [
        [
          [west, south],
          [west + 0.01, south],
          [west + 0.01, south + 0.01],
          [west, south + 0.01],
          [west, south],
        ],
      ],
    },
  });
  const features = [cell('Lakeside', '湖滨', 120.155, 30.245), cell('Market', '市场', 120.165, 30.255)];
  return { type: 'FeatureCollection', features };
}

function datasetOrder() {
  const text = { type: 'string' };
  const properties = {
    reportId: text,
    category: text,
    latitude: { type: 'number' },
    longitude: { type: 'number' },
    phone: text,
    text,
  };
  const classifications = {
    reportId: 'public',
    category: 'public',
    latitude: 'internal',
    longitude: 'internal',
    phone: 'personal',
    text: 'internal',
  };
  return {
    datasetId: dataset,
    names: { en: 'Street reports', zh: '街道报告' },
    responsibleDepartment: departments.management,
    publishers: [],
    sharingAttribute: 'conditional',
    legalBasis: 'City management regulation, article 12',
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
    schema: { type: 'object', required: ['reportId', 'category'], properties, additionalProperties: false },
  };
}
