// Correctness before speed: what was accepted must be there exactly once, and nothing else.
import { setTimeout as pause } from 'node:timers/promises';
import { BatchReader } from '@govbus/messaging';
import type { PublishResult } from '../load/publish.ts';
import { type System, TEXTBOOK_TOPIC } from './system.ts';

/** A wrong answer: the run is void, whatever its speed. */
export class Void extends Error {
  override readonly name = 'Void';
}
export function demand(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Void(what);
}

/** Events in the ledger of all datasets. */
export async function ledgerSize(system: System): Promise<number> {
  const { rows } = await system.db.query<{ n: string | null }>('SELECT sum(last_position) AS n FROM dataset_heads');
  return Number(rows[0]?.n ?? 0);
}

/** Waits until the ledger has `events` in all; seconds it took. */
export async function untilLedgerHas(system: System, events: number): Promise<number> {
  const began = performance.now();
  for (;;) {
    const size = await ledgerSize(system);
    if (size >= events) return (performance.now() - began) / 1000;
    demand(performance.now() - began < 300_000, `the ledger has ${size} of ${events} events after five minutes`);
    await pause(50);
  }
}

/** Every accepted event of a run is in the ledger exactly once, nothing refused is. */
export async function verifyLedger(system: System, source: string, run: PublishResult): Promise<void> {
  demand(run.wrong.length === 0, run.wrong.slice(0, 3).join('; '));
  const { rows } = await system.db.query<{ events: string; ids: string; known: string; last: number; refused: string }>(
    `SELECT count(*) AS events, count(DISTINCT event_id) AS ids, max(event_id::integer) AS last,
            count(*) FILTER (WHERE event_id::integer = ANY($2)) AS refused,
            (SELECT count(*) FROM event_ids WHERE source = $1) AS known
       FROM events WHERE source = $1`,
    [source, without(run.notAccepted, run.unknown)],
  );
  const found = rows[0];
  const [events, ids, known] = [Number(found?.events), Number(found?.ids), Number(found?.known)];
  demand(events === ids && ids === known, `${events} events, ${ids} ids, ${known} known ids of \`${source}\``);
  demand(
    events >= run.accepted && events <= run.accepted + run.unknown.length,
    `${run.accepted} events were accepted and ${events} are in the ledger`,
  );
  demand(Number(found?.refused) === 0, `${found?.refused} refused events are in the ledger`);
  demand((found?.last ?? -1) < run.issued, 'the ledger has events that nobody sent');
}

function without(all: number[], some: number[]): number[] {
  const left = new Set(some);
  return all.filter((n) => !left.has(n));
}

/** The same for the textbook build, whose first and last durable place is its topic. */
export async function verifyTextbook(system: System, source: string, run: PublishResult): Promise<void> {
  demand(run.wrong.length === 0, `textbook build: ${run.wrong.slice(0, 3).join('; ')}`);
  const seen = new Map<number, number>();
  const reader = new BatchReader({
    brokers: [system.brokers],
    clientId: 'bench',
    groupId: 'bench.textbook',
    topic: TEXTBOOK_TOPIC,
    log: () => undefined,
    startAt: () => Promise.resolve(undefined),
    onBatch: (_, messages) => {
      for (const { value } of messages) {
        const event = JSON.parse(value?.toString() ?? 'null') as { id: string; source: string };
        if (event.source === source) seen.set(Number(event.id), (seen.get(Number(event.id)) ?? 0) + 1);
      }
      return Promise.resolve();
    },
  });
  await reader.start();
  const end = performance.now() + 60_000;
  while (seen.size < run.accepted && performance.now() < end) await pause(50);
  await reader.stop();
  demand(seen.size >= run.accepted, `textbook build: ${run.accepted} accepted, ${seen.size} in its topic`);
  demand(
    without(run.notAccepted, run.unknown).every((n) => !seen.has(n)),
    'textbook build: refused events are in its topic',
  );
}
