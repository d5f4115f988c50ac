// The made-up city of the benchmarks: 50 departments, a dataset and a publisher of each, and the events they send.
import { creditCodeCheck } from '@govbus/contracts';

export const departments = 50;
const digits = (n: number, length: number): string => String(n).padStart(length, '0');

/** Credit code of department `i`. */
export function departmentOf(i: number): string {
  const first17 = `1133010000${digits(5_000_000 + (i % departments), 7)}`;
  return first17 + creditCodeCheck(first17);
}
export const datasetOf = (i: number): string => `bench-${i % departments}`;
export const publisherOf = (i: number): string => `bench-publisher-${i % departments}`;
export const consumerOf = (i: number): string => `bench-consumer-${i % departments}`;

/** JSON Schema of every dataset: record keys are text, UUIDs or whole numbers. */
export const schema = {
  type: 'object',
  required: ['key', 'district', 'category', 'status', 'openedAt', 'phone'],
  properties: {
    key: { type: ['string', 'integer'] },
    district: { type: 'string', maxLength: 20 },
    category: { type: 'string', maxLength: 40 },
    status: { enum: ['open', 'assigned', 'done'] },
    openedAt: { type: 'string', format: 'date-time' },
    phone: { type: 'string', maxLength: 20 },
    name: { type: 'string', maxLength: 80 },
    latitude: { type: 'number', minimum: -90, maximum: 90 },
    longitude: { type: 'number', minimum: -180, maximum: 180 },
    units: { type: 'array', items: { type: 'string' }, maxItems: 10 },
    sentAt: { type: 'number' },
    description: { type: 'string', maxLength: 2000 },
  },
};

export const districts = 10;
const categories = ['pothole', 'street light', 'noise', 'waste', 'water leak', 'tree', 'parking'];
const statuses = ['open', 'assigned', 'done'];
/** Records of a dataset: about this many keys are written again and again. */
const keysPerDataset = 20_000;
const eventBytes = 1024;

/** Of a hundred events one is invalid (no district) and one is for a dataset that the caller may not publish to. */
export type Fate = 'good' | 'invalid' | 'denied';
export const fateOf = (n: number): Fate => (n % 100 === 37 ? 'invalid' : n % 100 === 73 ? 'denied' : 'good');

/** The key of record `n` in dataset `i`: by dataset text, a UUID or a number. */
export function keyOf(i: number, n: number): string | number {
  const record = n % keysPerDataset;
  if (i % 3 === 0) return `case-${digits(record, 8)}`;
  return i % 3 === 1 ? record : `00000000-0000-4000-8000-${digits(record, 12)}`;
}

export type Report = {
  key: string | number;
  district?: string;
  category: string;
  status: string;
  openedAt: string;
  phone: string;
  name: string;
  latitude: number;
  longitude: number;
  units: string[];
  sentAt: number;
  description: string;
};

/** The data of event `n` of dataset `i`, ASCII, made from the two numbers alone. */
export function reportOf(i: number, n: number, fate: Fate = 'good', sentAt = 0): Report {
  return {
    key: keyOf(i, n),
    ...(fate !== 'invalid' && { district: `district-${n % districts}` }),
    category: categories[n % categories.length] ?? '',
    status: statuses[n % statuses.length] ?? '',
    openedAt: `2026-${digits(1 + (n % 12), 2)}-${digits(1 + (n % 28), 2)}T08:30:00Z`,
    phone: `+86571${digits((n * 7919) % 100_000_000, 8)}`,
    name: `Resident ${digits(n % 1_000_000, 6)}`,
    latitude: 30 + (n % 1000) / 1000,
    longitude: 120 + (n % 777) / 1000,
    units: ['street-crew', `crew-${n % 17}`],
    sentAt,
    description: '',
  };
}

/** A structured CloudEvent of 1,024 bytes of ASCII. */
export function eventText(source: string, i: number, n: number, fate: Fate, sentAt = 0): string {
  const dataset = datasetOf(fate === 'denied' ? i + 1 : i);
  const data = JSON.stringify(reportOf(i, n, fate, sentAt));
  const head = `{"specversion":"1.0","id":"${n}","source":"${source}","type":"report.opened","dataset":"${dataset}","time":"2026-06-01T08:30:00Z","data":`;
  const room = Math.max(0, eventBytes - head.length - data.length - 1);
  // The description comes last: it takes the padding.
  return `${head}${data.slice(0, -2)}${'x'.repeat(room)}"}}`;
}
