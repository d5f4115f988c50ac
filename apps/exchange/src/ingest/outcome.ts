import { BUS_TOPIC, isSlug } from '@govbus/contracts';
import { actorOf, type Caller, type NewAuditEntry, type Problem } from '@govbus/platform';
import type { AcceptedEvent } from './acceptance';

export type Refused = { problem: Problem; dataset?: string };
/** What became of one event of a request. */
export type Outcome = { index: number; event: AcceptedEvent } | ({ index: number; id?: string } & Refused);

export const acceptedIn = (outcomes: Outcome[]): AcceptedEvent[] =>
  outcomes.flatMap((outcome) => ('event' in outcome ? [outcome.event] : []));
export const refusedIn = (outcomes: Outcome[]): Refused[] =>
  outcomes.flatMap((outcome) => ('problem' in outcome ? [outcome] : []));

const headers = Object.freeze({ 'content-type': 'application/cloudevents+json' });
export const messageOf = ({ dataset, message }: AcceptedEvent) => ({
  topic: BUS_TOPIC,
  key: dataset,
  value: message,
  headers,
});

/** How an answer names an outcome; `good` is what an event is called that is not refused. */
export function resultOf(outcome: Outcome, good: 'accepted' | 'withheld' = 'accepted') {
  if ('event' in outcome) return { index: outcome.index, id: outcome.event.id, status: good };
  const { code, detail, faults, explanation } = outcome.problem.body;
  return { index: outcome.index, id: outcome.id, status: 'refused', problem: { code, detail, faults, explanation } };
}

// What PostgreSQL keeps in no text, and a receipt may be kept.
const unstorable = /\0|\p{Surrogate}/u;

/** Who an event claims to be, for the receipt and the audit entry; only where it is well-formed. */
export function claimsOf(value: unknown): { id?: string; dataset?: string } {
  const { id, dataset } = (value ?? {}) as { id?: unknown; dataset?: unknown };
  return {
    id: typeof id === 'string' && id.length <= 512 && !unstorable.test(id) ? id : undefined,
    dataset: isSlug(dataset) ? dataset : undefined,
  };
}

/** One entry for each code and dataset of a request; no payload, no id of an event. */
export function refusalEntries(refused: Refused[], caller: Caller | undefined, traceId: string): NewAuditEntry[] {
  const entries = new Map<string, NewAuditEntry & { records: number }>();
  for (const { problem, dataset } of refused) {
    const key = `${problem.body.code}|${dataset ?? ''}`;
    const entry = entries.get(key);
    if (entry) entry.records += 1;
    else
      entries.set(key, {
        action: 'refuse',
        operation: 'events:publish',
        outcome: problem.body.code === 'decision.denied' ? 'denied' : 'refused',
        actor: caller ? actorOf(caller) : { id: 'anonymous', kind: 'anonymous' },
        datasetId: dataset,
        records: 1,
        entity: `request:${traceId}`.slice(0, 120),
        code: problem.body.code,
        reason: problem.body.detail.slice(0, 500),
        traceId,
      });
  }
  return [...entries.values()];
}
