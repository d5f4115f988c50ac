// Everything that must add up at the end: file, receipts, ledger, deliveries, cases and audit log against each other.
import { eventually } from '../up/eventually.ts';
import type { Consumption } from './consume.ts';
import type { Expected } from './expected.ts';
import { systemOf } from './parties.ts';
import type { Summary } from './publish.ts';
import { type City, columns } from './source.ts';
import type { Stage } from './stage.ts';
import { holds, type Line, same } from './table.ts';

type Entry = {
  action: string;
  operation: string;
  outcome: string;
  records?: number;
  subscriptionId?: string;
  code?: string;
  positions?: { first: number; last: number };
};
type Case = { recordKey: string; status: string; cellId?: string; unitId?: string };
const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);

/** rows = accepted + refused; accepted = ledger. */
export async function ledgerLines(
  stage: Stage,
  city: City,
  datasetId: string,
  expected: Expected,
  summaries: Map<string, Summary>,
): Promise<Line[]> {
  const { accepted, refused } = total(summaries);
  const publisher = systemOf([...city.agencies.keys()][0] ?? '');
  const ledger = await eventually(async () => {
    const url = `${stage.urls.exchange}/v1/datasets/${datasetId}/ledger`;
    const found = await stage.client.must<{ events: number; lastPosition: number; conflicts: number }>(
      publisher,
      'GET',
      url,
    );
    return found.events >= accepted ? found : undefined;
  }, `${accepted} events in the ledger`);
  const byCode = [...summaries.values()].flatMap(({ refusedByCode }) => Object.keys(refusedByCode));
  return [
    same('rows of the file', expected.rows, accepted + refused, 'accepted + refused'),
    same('refused', expected.refused.length, refused, [...new Set(byCode)].join(', ')),
    same('accepted', expected.accepted.length, accepted),
    same('events in the ledger', accepted, ledger.events),
    same('last position, without gaps', accepted, ledger.lastPosition),
  ];
}

export const total = (summaries: Map<string, Summary>): { accepted: number; refused: number } => {
  const all = [...summaries.values()];
  return { accepted: sum(all.map(({ accepted }) => accepted)), refused: sum(all.map(({ refused }) => refused)) };
};

/** Delivered per consumer = what its row filter selects from the file. */
export function deliveryLines(expected: Expected, consumptions: Consumption[]): Line[] {
  return consumptions.flatMap(({ consumer, received, denied }) => {
    const rows = expected.accepted.filter((row) => consumer.selects(row[columns.borough] ?? ''));
    const keys = new Set([...received.values()].map(({ data }) => String(data['requestId'])));
    const selected = new Set(rows.map((row) => row[columns.id] ?? ''));
    const isOurs = [...keys].every((key) => selected.has(key));
    if (!denied) return [same(`${consumer.title}`, rows.length, isOurs ? keys.size : 'others’ rows', consumer.lens)];
    const isPart = isOurs && keys.size >= rows.length / 4 && keys.size < rows.length;
    return [holds(`${consumer.title}: only a part`, isPart, `${keys.size} of ${rows.length}; ${consumer.lens}`)];
  });
}

/** Nothing that is masked or not granted came through. */
export function lensLines(expected: Expected, consumptions: Consumption[]): Line[] {
  const textOf = (key: string): string => {
    const consumption = consumptions.find(({ consumer }) => consumer.key === key);
    return JSON.stringify([...(consumption?.received.values() ?? [])]);
  };
  const planning = textOf('planning');
  const supervising = textOf('supervising-body');
  const addresses = valuesOf(expected, columns.address).filter((address) => address.length > 6);
  const isFine = (text: string): boolean => /-?\d+\.\d{3,}/.test(text);
  return [
    holds('no street address at city planning', !addresses.some((address) => planning.includes(`"${address}"`))),
    holds('no coordinate finer than 0.01° there', planning !== '[]' && !isFine(planning.replace(/"[^"]*"/g, ''))),
    holds('no free text at the supervising body', supervising !== '[]' && !supervising.includes('"descriptor"')),
  ];
}
const valuesOf = (expected: Expected, column: string): string[] => [
  ...new Set(expected.accepted.map((row) => row[column] ?? '')),
];

/** Every located case in its neighbourhood and dispatched, every other listed. */
export async function caseLines(stage: Stage, city: City, datasetId: string, expected: Expected): Promise<Line[]> {
  const url = `${stage.urls['case-routing']}/v1/cases?datasetId=${datasetId}`;
  let found: Case[] = [];
  const cases = await eventually(
    async () => {
      found = await stage.list<Case>('dispatcher', url);
      // Where the cells of the grid came after the cases, these are still to be routed.
      const dispatched = found.filter(({ status }) => status === 'dispatched').length;
      const isAll = found.length >= expected.accepted.length && dispatched >= expected.neighbourhoods.size;
      return isAll ? found : undefined;
    },
    `${expected.accepted.length} cases, ${expected.neighbourhoods.size} of them dispatched`,
    120_000,
  ).catch(() => found); // The table says what is missing.
  const cells = await stage.list<{ cellId: string; names: Record<string, string> }>(
    'dispatcher',
    `${stage.urls.departments}/v1/grids/${city.gridId}/cells`,
  );
  const nameOf = new Map(cells.map(({ cellId, names }) => [cellId, names['en']]));
  const located = cases.filter(({ cellId }) => cellId !== undefined);
  const isRight = ({ recordKey, cellId }: Case): boolean =>
    expected.neighbourhoods.get(recordKey)?.includes(nameOf.get(cellId ?? '') ?? '') === true;
  const unlocated = await stage.list<Case>('dispatcher', `${url}&located=false`);
  const listed = unlocated.filter(({ recordKey }) => expected.unlocated.has(recordKey));
  const units = new Set(located.map(({ unitId }) => unitId));
  return [
    same('cases', expected.accepted.length, cases.length),
    same('located, in their neighbourhood', expected.neighbourhoods.size, located.filter(isRight).length),
    same(
      'of these dispatched to a unit',
      expected.neighbourhoods.size,
      located.filter(({ status, unitId }) => status === 'dispatched' && unitId !== undefined).length,
      `${units.size} units`,
    ),
    same('listed as unlocated', expected.unlocated.size, unlocated.length === listed.length ? listed.length : 'others'),
  ];
}

/** What the audit log holds of this run; waits until the disclosures have arrived there. */
export async function auditLines(
  stage: Stage,
  datasetId: string,
  summaries: Map<string, Summary>,
  consumptions: Consumption[],
): Promise<Line[]> {
  const { accepted, refused } = total(summaries);
  const entries = (): Promise<Entry[]> =>
    stage.list<Entry>('auditor', `${stage.urls.audit}/v1/entries?datasetId=${datasetId}`);
  const count = (all: Entry[], action: string, of: (entry: Entry) => boolean = () => true): number =>
    sum(all.filter((entry) => entry.action === action && of(entry)).map(({ records = 0 }) => records));
  const covers = (all: Entry[], { subscriptionId, received }: Consumption): boolean => {
    const ranges = all.filter((entry) => entry.action === 'disclose' && entry.subscriptionId === subscriptionId);
    const isCovered = (position: number): boolean =>
      ranges.some(({ positions }) => positions && positions.first <= position && position <= positions.last);
    return [...received.keys()].every((position) => isCovered(Number(position)));
  };
  const all = await eventually(
    async () => {
      const found = await entries();
      const isWhole = count(found, 'publish') >= accepted && consumptions.every((one) => covers(found, one));
      return isWhole ? found : undefined;
    },
    'the audit log to hold every publication and disclosure',
    60_000,
  );
  const denied = all.filter(({ outcome, operation }) => outcome === 'denied' && operation !== 'events:publish');
  return [
    same('publications in the audit log', accepted, count(all, 'publish'), 'records'),
    // A request that was sent again after a crash is refused again, and recorded again.
    holds('refusals in the audit log', count(all, 'refuse', ({ outcome }) => outcome === 'refused') >= refused),
    ...consumptions.map((one) => {
      const recorded = count(all, 'disclose', ({ subscriptionId }) => subscriptionId === one.subscriptionId);
      const isEnough = recorded >= one.received.size && one.received.size > 0;
      return holds(`disclosed to ${one.consumer.title}`, isEnough, `${recorded} records, each position covered`);
    }),
    holds('denials in the audit log', denied.length >= 2, `${denied.length} entries`),
  ];
}
