import type { RunningCity } from '../running-city';
import type { Asker } from './asker';
import type { Delivered, Inbox } from './consumers';
import { query } from './database';
import type { DisclosureWatch } from './disclosure-watch';
import { type Doomed, graceMs } from './disturbances';
import type { ExtraExchange } from './extra-exchange';
import type { Load } from './load';
import type { Processes } from './processes';

/** A promise and whether it held. */
export type Verdict = { promise: string; holds: boolean; seen: string };

const granted = new Set(['reportId', 'category', 'phone']);

export async function ledgerVerdicts(
  city: RunningCity,
  datasetId: string,
  { acknowledged, by }: Load,
): Promise<Verdict[]> {
  const rows = await query<{ event_id: string; position: string }>(
    city,
    'SELECT event_id, position FROM events WHERE dataset_id = $1 ORDER BY position',
    [datasetId],
  );
  const stored = new Set(rows.map(({ event_id }) => event_id));
  const lost = [...acknowledged].filter((id) => !stored.has(id));
  const ways = Object.entries(by)
    .map(([form, events]) => `${events} by ${form}`)
    .join(', ');
  const isDense = rows.every(({ position }, i) => Number(position) === i + 1);
  return [
    {
      promise: 'P1 every acknowledged event is in the ledger exactly once',
      holds: lost.length === 0 && stored.size === rows.length && Object.values(by).every((events) => events > 0),
      seen: `${acknowledged.size} acknowledged (${ways}), ${rows.length} stored, ${lost.length} lost`,
    },
    { promise: 'positions are dense', holds: isDense, seen: `1 to ${rows.length}` },
  ];
}

/** What the consumers hold, by the way they get it; `head`: the last position, and the agreement grants all up to it. */
export function deliveryVerdicts(consumers: Record<string, Inbox>, head: number): Verdict[] {
  const inboxes = Object.values(consumers);
  const records = inboxes.flatMap(({ received }) => [...received.values()]);
  const each = (said: (inbox: Inbox) => string): string =>
    Object.entries(consumers)
      .map(([way, inbox]) => `${said(inbox)} by ${way}`)
      .join(', ');
  const waits = inboxes.map(({ longestWaitMs }) => `${(longestWaitMs / 1000).toFixed(0)} s`).join(', ');
  return [
    {
      promise: 'everything reaches every consumer, also after the outages',
      holds: inboxes.every((inbox) => missing(inbox, head) === 0),
      seen: `missing: ${each((inbox) => String(missing(inbox, head)))}; longest waits ${waits}`,
    },
    {
      promise: 'the order of a subscription is kept',
      holds: inboxes.every(isOrdered),
      seen: each(({ received }) => String(received.size)),
    },
    {
      promise: 'P4 nothing but granted fields, and the mask was never off',
      holds: records.every(isWithinAgreement),
      seen: `${records.length} records`,
    },
  ];
}

const missing = ({ received }: Inbox, head: number): number =>
  Array.from({ length: head }, (_, i) => String(i + 1)).filter((id) => !received.has(id)).length;
const isOrdered = ({ received }: Inbox): boolean =>
  [...received.keys()].every((id, i, all) => i === 0 || Number(all[i - 1]) < Number(id));
const isWithinAgreement = ({ data }: Delivered): boolean =>
  Object.keys(data).every((field) => granted.has(field)) && /^[\w-]{22}$/.test(String(data['phone']));

export function disclosureVerdict({ uncovered, looks }: DisclosureWatch): Verdict {
  return {
    promise: 'P3 what a consumer holds was recorded before, also with a full disk',
    holds: uncovered === 0 && looks > 0,
    seen: `looked ${looks} times during the run, ${uncovered} records without a disclosure`,
  };
}

/** What was asked for by a full disk, see `diskFull`. */
export function fullDiskVerdict({ refused, unrecorded }: Asker): Verdict {
  return {
    promise: 'P3 with a full disk nothing is disclosed, and again when there is room',
    holds: refused > 0 && unrecorded === 0,
    seen: `${refused} pages refused, ${unrecorded} answered without a disclosure`,
  };
}

export async function stopVerdict(city: RunningCity, doomed: Doomed[]): Promise<Verdict> {
  const late = doomed.flatMap(({ puller, hook, revokedAt = NaN }) => [
    { what: 'read', ms: puller.lastReadAt - revokedAt },
    { what: 'call', ms: hook.lastBeganAfter - revokedAt },
  ]);
  const holds = late.length > 0 && late.every(({ ms }) => ms <= graceMs);
  const seen = late.map(
    ({ what, ms }) => `last ${what} began ${Math.abs(Math.round(ms))} ms ${ms < 0 ? 'before' : 'after'}`,
  );
  if (!holds) seen.push(...(await Promise.all(doomed.map((one) => knownOf(city, one)))));
  return { promise: 'P5 nothing is read or sent a second after a revocation', holds, seen: seen.join(', ') };
}

/** What the exchange knows of an agreement at the end, and how sure of it it is. */
async function knownOf(city: RunningCity, { agreementId, revokedAt, killed }: Doomed): Promise<string> {
  const facts = await query(
    city,
    `SELECT (SELECT status || ' in version ' || version FROM agreements WHERE agreement_id = $1) AS copy,
            (SELECT json_object_agg(topic, clock_timestamp() - caught_up_at) FROM registry_watch) AS "caughtUpAgo",
            (SELECT count(*)::int FROM parked_messages) AS parked`,
    [agreementId],
  );
  const at = revokedAt === undefined ? 'never' : new Date(performance.timeOrigin + revokedAt).toISOString();
  return `${agreementId} was revoked at ${at}, as ${killed} had been killed; the exchange knows ${JSON.stringify(facts)}`;
}

/**
 * Whether each disclosure, as the database of the exchange has it, is in the audit log, once and with the same positions.
 *
 * `wait` is given how many are there by now, and ends when all are or no more come.
 */
export async function recordedVerdict(
  city: RunningCity,
  wait: (count: () => Promise<number>, goal: number) => Promise<number>,
): Promise<Verdict> {
  const disclosed = await query<{ record: string }>(
    city,
    `SELECT concat_ws(' ', 'disclosure:' || disclosure_id, first_position, last_position, records) AS record
       FROM disclosures`,
  );
  const logged = async (): Promise<number> => {
    const entries = await query<{ record: string; times: number }>(
      city,
      `SELECT concat_ws(' ', body ->> 'entity', body #>> '{positions,first}', body #>> '{positions,last}',
                        body ->> 'records') AS record, count(*)::int AS times
         FROM (SELECT body::jsonb FROM entries WHERE action = 'disclose') entry GROUP BY record`,
      [],
      'audit',
    );
    const times = new Map(entries.map((entry) => [entry.record, entry.times]));
    return disclosed.filter(({ record }) => times.get(record) === 1).length;
  };
  const inLog = await wait(logged, disclosed.length);
  return {
    promise: 'P3 each disclosure is in the audit log, once',
    holds: disclosed.length > 0 && inLog === disclosed.length,
    seen: `${disclosed.length} disclosures, ${inLog} of them in the log`,
  };
}

/**
 * Whether no time is from a clock that was off. What a process knows of the right time it measured, as well as the database
 * answered (`SharedClock`): half an hour is far from that, and from the steps of an hour.
 */
export async function clockVerdict(city: RunningCity, datasetId: string, began: Date): Promise<Verdict> {
  const within = (column: string, from: string): string =>
    `SELECT count(*)::int AS times, count(*) FILTER (WHERE ${column} NOT BETWEEN $1::timestamptz - interval '30 min'
        AND clock_timestamp() + interval '30 min')::int AS wrong FROM ${from}`;
  type Counted = { times: number; wrong: number };
  const counted = await Promise.all([
    query<Counted>(city, within('recorded_at', 'events WHERE dataset_id = $2'), [began, datasetId]),
    query<Counted>(city, within('disclosed_at', 'disclosures'), [began]),
    query<Counted>(city, within('time', 'entries'), [began], 'audit'),
  ]);
  const [events, disclosures, entries] = counted.map(([count]) => count ?? { times: 0, wrong: 1 });
  return {
    promise: 'every time is right, also while the clock of the exchange is off',
    holds: [events, disclosures, entries].every((count) => count?.wrong === 0 && count.times > 0),
    seen: `wrong: ${events?.wrong} events, ${disclosures?.wrong} disclosures, ${entries?.wrong} of ${entries?.times} audit entries`,
  };
}

/** The supervisor starts again whatever ends: so it is asked what ended although nobody killed it. */
export function standingVerdict(processes: Processes, extras: ExtraExchange[]): Verdict {
  const { starts, killed, notYet, fell, notUp } = processes.look();
  const extrasFell = extras.reduce((sum, extra) => sum + extra.fell, 0);
  const seen = [`${starts} starts, ${killed} killed, ${notYet} could not start yet`];
  for (const { service, pid } of fell) seen.push(`${service} (${pid}) ended`);
  for (const service of notUp) seen.push(`${service} is not up`);
  if (extrasFell > 0) seen.push(`further exchanges ended ${extrasFell} times`);
  const holds = fell.length === 0 && notUp.length === 0 && extrasFell === 0;
  return { promise: 'no service ends that nobody kills, whatever is away', holds, seen: seen.join(', ') };
}

export async function auditVerdict(city: RunningCity): Promise<Verdict> {
  const { code, output } = await city.govbus('audit', 'verify');
  return { promise: 'P7 the audit log proves itself', holds: code === 0, seen: output.split('\n')[0] ?? '' };
}
