import type { RunningCity } from '../running-city';
import type { Delivered, Inbox } from './consumers';
import { query } from './database';
import type { DisclosureWatch } from './disclosure-watch';
import type { Doomed } from './disturbances';

/** A promise and whether it held. */
export type Verdict = { promise: string; holds: boolean; seen: string };

/** How late after the answer to a revocation a read may begin, in ms (P5). */
const graceMs = 1_000;
const granted = new Set(['reportId', 'category', 'phone']);

export async function ledgerVerdicts(
  city: RunningCity,
  datasetId: string,
  acknowledged: Set<string>,
): Promise<Verdict[]> {
  const rows = await query<{ event_id: string; position: string }>(
    city,
    'SELECT event_id, position FROM events WHERE dataset_id = $1 ORDER BY position',
    [datasetId],
  );
  const stored = new Set(rows.map(({ event_id }) => event_id));
  const lost = [...acknowledged].filter((id) => !stored.has(id));
  const isDense = rows.every(({ position }, i) => Number(position) === i + 1);
  return [
    {
      promise: 'P1 every acknowledged event is in the ledger exactly once',
      holds: lost.length === 0 && stored.size === rows.length && acknowledged.size > 0,
      seen: `${acknowledged.size} acknowledged, ${rows.length} stored, ${lost.length} lost`,
    },
    { promise: 'positions are dense', holds: isDense, seen: `1 to ${rows.length}` },
  ];
}

/** What the consumers hold; `head` is the last position of the dataset, all of which the agreement grants. */
export function deliveryVerdicts(pulled: Inbox, hooked: Inbox, head: number): Verdict[] {
  const records = [pulled, hooked].flatMap(({ received }) => [...received.values()]);
  const [byPull, byHook] = [missing(pulled, head), missing(hooked, head)];
  const waits = [pulled, hooked].map(({ longestWaitMs }) => `${(longestWaitMs / 1000).toFixed(0)} s`).join(' and ');
  return [
    {
      promise: 'everything reaches both consumers, also after the outages',
      holds: byPull === 0 && byHook === 0,
      seen: `${byPull} not pulled, ${byHook} not sent to the webhook; longest waits ${waits}`,
    },
    {
      promise: 'the order of a subscription is kept',
      holds: isOrdered(pulled) && isOrdered(hooked),
      seen: `${pulled.received.size} pulled, ${hooked.received.size} by webhook`,
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

export async function stopVerdict(city: RunningCity, doomed: Doomed[]): Promise<Verdict> {
  const lateMs = doomed.map(({ puller, revokedAt = NaN }) => puller.lastReadAt - revokedAt);
  const holds = lateMs.length > 0 && lateMs.every((ms) => ms <= graceMs);
  const seen = lateMs.map((ms) => `last read began ${Math.abs(Math.round(ms))} ms ${ms < 0 ? 'before' : 'after'}`);
  if (!holds) seen.push(...(await Promise.all(doomed.map((one) => knownOf(city, one)))));
  return { promise: 'P5 nothing is read a second after a revocation', holds, seen: seen.join(', ') };
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

export async function auditVerdict(city: RunningCity): Promise<Verdict> {
  const { code, output } = await city.govbus('audit', 'verify');
  return { promise: 'P7 the audit log proves itself', holds: code === 0, seen: output.split('\n')[0] ?? '' };
}
