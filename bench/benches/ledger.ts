// The ledger alone: a backlog on `bus.events`, written with dedupe, latest records and audit until nothing is left.
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { BusEvent } from '@govbus/contracts';
import { BatchReader, type OutgoingMessage } from '@govbus/messaging';
import { type Bench, type Options, profileWith } from '../lib/bench.ts';
import { datasetOf, departments, publisherOf, reportOf } from '../lib/city.ts';
import { type CpuSeconds, cpuLines, microsPerEvent } from '../lib/cpu.ts';
import { seedAgreements, seedCity } from '../lib/seed.ts';
import { spreadOf } from '../lib/stats.ts';
import { System } from '../lib/system.ts';
import { demand, ledgerSize, untilLedgerHas } from '../lib/verify.ts';

const eventBytes = 1024;
/** Every so many events one comes a second time. */
const repeatEvery = 100;

/** An accepted event as the ingest leaves it on `bus.events`. */
function busEventOf(source: string, n: number): OutgoingMessage {
  const i = n % departments;
  const event: BusEvent = {
    specversion: '1.0',
    id: String(n),
    source,
    type: 'report.opened',
    time: '2026-06-01T08:30:00Z',
    dataset: datasetOf(i),
    publisher: publisherOf(i),
    recordedtime: new Date().toISOString(),
    schemaversion: 1,
    digest: createHash('sha256').update(`${source}${n}`).digest('hex'),
    data: reportOf(i, n),
  };
  const text = JSON.stringify(event);
  const value = text.replace(
    '"description":""',
    `"description":"${'x'.repeat(Math.max(0, eventBytes - text.length))}"`,
  );
  return { topic: 'bus.events', key: event.dataset, value };
}

/** Puts a backlog on the topic while no exchange runs; how many events the ledger must grow by. */
export async function backlog(system: System, source: string, events: number): Promise<number> {
  const at = 2_000;
  for (let from = 0; from < events; from += at) {
    const numbers = Array.from({ length: Math.min(at, events - from) }, (_, k) => from + k);
    const repeats = numbers.filter((n) => n % repeatEvery === 0);
    await system.producer.sendAll([...numbers, ...repeats].map((n) => busEventOf(source, n)));
  }
  return events;
}

type Drained = { rate: number; cpu: CpuSeconds };
/** From the first event that the ledger takes to the last; events a second. */
async function drained(system: System, before: number, events: number): Promise<Drained> {
  let first = before;
  while (first === before) {
    await pause(20);
    first = await ledgerSize(system);
  }
  const [began, cpuBefore] = [performance.now(), system.cpu()];
  await untilLedgerHas(system, before + events);
  const written = before + events - first;
  demand(written > events / 4, 'most of the backlog was written before the clock started: ask for more `--events`');
  const cpu = microsPerEvent(cpuBefore, system.cpu(), written);
  return { rate: written / ((performance.now() - began) / 1000), cpu };
}

async function round(system: System, options: Options, events: number, isProfiled = false): Promise<Drained> {
  const source = `/bench/${randomUUID()}`;
  const before = await ledgerSize(system);
  await system.stopExchange();
  await backlog(system, source, events);
  await system.startExchange({ inspect: isProfiled });
  let result: Drained = { rate: NaN, cpu: {} };
  const work = async (): Promise<void> => {
    result = await drained(system, before, events);
  };
  if (isProfiled) await profileWith(options, system, 'ledger', work);
  else await work();
  await verify(system, source, events);
  return result;
}

// Once each, dense positions, one latest record for each key, and a publication entry that covers every event.
async function verify(system: System, source: string, events: number): Promise<void> {
  const { rows } = await system.db.query<Record<'events' | 'ids' | 'gaps' | 'keys' | 'latest' | 'parked', string>>(
    `SELECT (SELECT count(*) FROM events WHERE source = $1) AS events,
            (SELECT count(*) FROM event_ids WHERE source = $1) AS ids,
            (SELECT count(*) FROM (SELECT dataset_id, count(*) AS n, max(position) AS last FROM events
                                    GROUP BY dataset_id) d WHERE n <> last) AS gaps,
            (SELECT count(*) FROM (SELECT DISTINCT dataset_id, record_key FROM events) k) AS keys,
            (SELECT count(*) FROM latest_records) AS latest,
            (SELECT count(*) FROM unreadable_messages) AS parked`,
    [source],
  );
  const found = Object.fromEntries(Object.entries(rows[0] ?? {}).map(([name, n]) => [name, Number(n)]));
  demand(found.events === events && found.ids === events, `${found.events} events, ${found.ids} ids, not ${events}`);
  demand(found.gaps === 0, `${found.gaps} datasets have gaps in their positions`);
  demand(found.keys === found.latest, `${found.keys} record keys and ${found.latest} latest records`);
  demand(found.parked === 0, `${found.parked} messages were parked`);
}

// Every event of the ledger is in one publication entry of the audit topic.
async function verifyAudit(system: System): Promise<void> {
  const events = await ledgerSize(system);
  const entries = new Map<string, number>();
  const reader = new BatchReader({
    brokers: [system.brokers],
    clientId: 'bench',
    groupId: `bench.audit.${randomUUID()}`,
    topic: 'audit.entries',
    log: () => undefined,
    startAt: () => Promise.resolve(undefined),
    onBatch: (_, messages) => {
      for (const { value } of messages) {
        const { data } = JSON.parse(value?.toString() ?? '{}') as { data: AuditData };
        if (data.action === 'publish') entries.set(data.entryId, data.records);
      }
      return Promise.resolve();
    },
  });
  const recorded = (): number => [...entries.values()].reduce((sum, n) => sum + n, 0);
  await reader.start();
  const end = performance.now() + 60_000;
  while (recorded() < events && performance.now() < end) await pause(100);
  await reader.stop();
  demand(recorded() === events, `the audit entries speak of ${recorded()} events, the ledger has ${events}`);
}
type AuditData = { action: string; entryId: string; records: number };

/** Events a second into the ledger, from a backlog. */
export const ledger: Bench = {
  name: 'ledger',
  run: async (options) => {
    const events = options.events ?? (options.isQuick ? 20_000 : 120_000);
    const system = await System.start();
    try {
      await system.startExchange();
      await seedCity(system);
      await seedAgreements(system, 100);
      await round(system, options, Math.min(events, 20_000));
      const rounds: Drained[] = [];
      for (let n = 1; n <= options.rounds; n += 1) {
        const written = await round(system, options, events);
        rounds.push(written);
        options.say(`round ${n}: ${Math.round(written.rate)} events/s into the ledger`);
      }
      await verifyAudit(system);
      if (options.profile) await round(system, options, events, true);
      const value = spreadOf(rounds.map(({ rate }) => rate));
      const target = '>= 12,000/s with dedupe, latest record and audit';
      const what = `backlog of ${events.toLocaleString('en-US')}, 1 % sent twice`;
      const cpu = cpuLines(
        'written',
        rounds.map((written) => written.cpu),
      );
      return {
        lines: [{ what, unit: 'events/s', value, target, ok: value.median >= 12_000, durability: 'D1' }, ...cpu],
      };
    } finally {
      await system.stop();
    }
  },
};
