// Who takes part: agencies that publish, departments that consume, and the terms that they agreed on.
import { createHash } from 'node:crypto';
import { creditCodeCheck } from '@govbus/contracts';
import { type City, columns, slugOf } from './source.ts';
import type { Stage } from './stage.ts';

export type Consumer = {
  key: string;
  title: string;
  departmentCode: string;
  systemId: string;
  purpose: string;
  mode: 'pull' | 'webhook';
  /** Which rows of the file its row filter selects, written anew here. */
  selects: (borough: string) => boolean;
  lens: string;
  terms: object;
};

const office = { key: 'contact-centre', names: { en: 'Contact Centre 311', zh: '市民热线中心' } };
export const steward = 'contact-centre-officer';
const allFields = [
  '/requestId',
  '/createdAt',
  '/agency',
  '/category',
  '/descriptor',
  '/place',
  '/zip',
  '/address',
  '/city',
  '/status',
  '/borough',
  '/latitude',
  '/longitude',
];
const freeText = '/descriptor';

/** A department's code that is made from its key: the same in every run. */
export function codeOf(key: string): string {
  const number = BigInt(`0x${createHash('sha256').update(key).digest('hex').slice(0, 12)}`) % 10n ** 9n;
  const first17 = `11${'330200'}${String(number).padStart(9, '0')}`;
  return first17 + creditCodeCheck(first17);
}
export const systemOf = (agency: string): string => `${slugOf(agency)}-requests`;

/** The consumers of the demo; the first borough is the one with the most rows. */
export function consumersOf(city: City): Consumer[] {
  const count = (name: string): number => city.rows.filter((row) => row[columns.borough] === name).length;
  const [own = ''] = city.boroughs.toSorted((a, b) => count(b) - count(a));
  const all = (): boolean => true;
  const consumer = (
    key: string,
    title: string,
    rest: Omit<Consumer, 'key' | 'title' | 'departmentCode' | 'systemId'>,
  ) => {
    return { key, title, departmentCode: codeOf(key), systemId: `${key}-system`, ...rest };
  };
  return [
    consumer('borough-office', 'Borough office', {
      purpose: 'local-care',
      mode: 'pull',
      selects: (borough) => borough === own,
      lens: `own borough only (${own})`,
      terms: { fields: allFields, masks: [], rowFilter: { equals: { field: '/borough', value: own } } },
    }),
    consumer('planning', 'City planning', {
      purpose: 'urban-planning',
      mode: 'pull',
      selects: all,
      lens: 'address masked, coordinates to 1 km',
      terms: {
        fields: allFields,
        masks: [
          { field: '/address', kind: 'partial', params: { keepStart: 1 } },
          { field: '/latitude', kind: 'generalise', params: { decimals: 2 } },
          { field: '/longitude', kind: 'generalise', params: { decimals: 2 } },
        ],
      },
    }),
    consumer('supervising-body', 'Supervising body', {
      purpose: 'supervision',
      mode: 'webhook',
      selects: all,
      lens: 'everything but free text',
      terms: { fields: allFields.filter((field) => field !== freeText), masks: [] },
    }),
    consumer('visitor-bureau', 'Visitor bureau', {
      purpose: 'visitor-advice',
      mode: 'pull',
      selects: all,
      lens: 'category and borough, revoked half-way',
      terms: { fields: ['/requestId', '/category', '/borough'], masks: [] },
    }),
  ];
}

/** Registers whoever is not there yet; gives each system a secret that is kept with the others. */
export async function registerParties(stage: Stage, city: City, consumers: Consumer[]): Promise<void> {
  await stage.department(office.key, office.names);
  await stage.officer(
    steward,
    codeOf(office.key),
    ['sharing-officer', 'data-steward'],
    ['catalog:read', 'catalog:write', 'agreements:decide'],
  );
  for (const [agency, name] of city.agencies) {
    await stage.department(agency, { en: name });
    await stage.system(systemOf(agency), codeOf(agency), ['events:publish', 'catalog:read']);
  }
  for (const { key, title, systemId, departmentCode } of consumers) {
    await stage.department(key, { en: title });
    await stage.system(systemId, departmentCode, ['events:read', 'catalog:read']);
  }
}

/** The dataset of this run, with its schema and the pointers that make cases of its events. */
export function datasetOrder(datasetId: string, city: City): object {
  const text = { type: 'string', maxLength: 300 };
  const number = { type: 'number' };
  const properties: Record<string, object> = {
    requestId: { type: 'string', minLength: 1 },
    createdAt: { type: 'string', format: 'date-time' },
    agency: { enum: [...city.agencies.keys()] },
    category: { type: 'string', minLength: 1 },
    ...Object.fromEntries(['descriptor', 'place', 'zip', 'address', 'city', 'status'].map((name) => [name, text])),
    borough: { enum: city.boroughs },
    latitude: number,
    longitude: number,
  };
  const personal = ['/address', '/latitude', '/longitude'];
  return {
    datasetId,
    names: { en: 'Service requests', zh: '市民诉求' },
    responsibleDepartment: codeOf(office.key),
    publishers: [...city.agencies.keys()].map(systemOf),
    sharingAttribute: 'conditional',
    legalBasis: 'Regulation on the sharing of government data, article 12',
    keyPointer: '/requestId',
    dataSubjectPointer: '/address',
    fields: allFields.map((pointer) => ({
      pointer,
      classification: personal.includes(pointer) ? 'personal' : 'internal',
    })),
    caseMapping: {
      gridId: city.gridId,
      category: '/category',
      latitude: '/latitude',
      longitude: '/longitude',
      occurredAt: '/createdAt',
      summary: '/descriptor',
    },
    schema: {
      type: 'object',
      required: ['requestId', 'createdAt', 'agency', 'category', 'borough'],
      properties,
      additionalProperties: false,
    },
  };
}

/** How `govbus publish` reads the rows of one agency. */
export function mapOf(datasetId: string, agency: string, zone: string): object {
  const number = (column: string) => ({ column, type: 'number' });
  return {
    dataset: datasetId,
    type: 'service-request.made',
    source: `/${datasetId}/{${columns.agency}}`,
    id: `{${columns.id}}`,
    where: { [columns.agency]: agency },
    data: {
      '/requestId': columns.id,
      '/createdAt': { column: columns.created, type: 'time', format: 'M/D/YYYY H:mm', zone },
      '/agency': columns.agency,
      '/category': columns.category,
      '/descriptor': columns.descriptor,
      '/place': columns.place,
      '/zip': columns.zip,
      '/address': columns.address,
      '/city': columns.city,
      '/status': columns.status,
      '/borough': columns.borough,
      '/latitude': number(columns.latitude),
      '/longitude': number(columns.longitude),
    },
  };
}
