import { createHash } from 'node:crypto';
import type { LedgerEvent } from './bus-message';

/** What makes an event the same one again. Not over all datasets: nobody could take the ids of another department's events. */
type Identity = { datasetId: string; source: string; eventId: string };
/** An identity that is taken, and by what. */
export type KnownId = Identity & { digest: string };
export type PlacedEvent = LedgerEvent & { position: number };
/** An event that came again with a batch: how often, and when last. */
export type Duplicate = Identity & { times: number; lastAt: string };
/** What a batch does to the ledger. */
export type Placement = {
  placed: PlacedEvent[];
  conflicts: LedgerEvent[];
  duplicates: Duplicate[];
  heads: Map<string, number>;
};

const identityOf = ({ datasetId, source, eventId }: Identity): string => JSON.stringify([datasetId, source, eventId]);

/**
 * Gives each new event the next position of its dataset; the same event again is counted and nothing more, another event
 * of the dataset under the same `(source, id)` is a conflict, and a conflict seen twice is one.
 *
 * INVARIANT: the positions of a dataset are dense: 1, 2, 3 …, in the order of the topic.
 */
export function place(events: LedgerEvent[], known: KnownId[], heads: ReadonlyMap<string, number>): Placement {
  const digests = new Map(known.map((id) => [identityOf(id), id.digest]));
  const next = new Map(heads);
  const conflicts = new Map<string, LedgerEvent>();
  const duplicates = new Map<string, Duplicate>();
  const placed: PlacedEvent[] = [];
  for (const event of events) {
    const identity = identityOf(event);
    const digest = digests.get(identity);
    if (digest === event.digest) {
      duplicates.set(identity, oneMore(event, duplicates.get(identity)));
      continue;
    }
    if (digest !== undefined) {
      conflicts.set(`${identity}${event.digest}`, event);
      continue;
    }
    const position = (next.get(event.datasetId) ?? 0) + 1;
    next.set(event.datasetId, position);
    digests.set(identity, event.digest);
    placed.push({ ...event, position });
  }
  return { placed, conflicts: [...conflicts.values()], duplicates: [...duplicates.values()], heads: next };
}

function oneMore({ datasetId, source, eventId, recordedAt }: LedgerEvent, known?: Duplicate): Duplicate {
  const lastAt = known && known.lastAt > recordedAt ? known.lastAt : recordedAt;
  return { datasetId, source, eventId, times: (known?.times ?? 0) + 1, lastAt };
}

/** A tombstone, and what it removes: an event of the same batch, what the ledger holds as the latest, or nothing. */
export type Removal = { datasetId: string; key: string; position: number; removes: number | 'stored' | 'nothing' };

/** What the tombstones of a batch remove. */
export function removalsOf(placed: PlacedEvent[]): Removal[] {
  if (!placed.some(isTombstone)) return [];
  const latest = new Map<string, number | 'nothing'>();
  return placed.flatMap((event) => {
    const { datasetId, position, key } = event;
    if (key === null) return [];
    const record = JSON.stringify([datasetId, key]);
    const removes = latest.get(record) ?? 'stored';
    latest.set(record, isTombstone(event) ? 'nothing' : position);
    return isTombstone(event) ? [{ datasetId, key, position, removes }] : [];
  });
}

/** Whether an event says that its record is removed. */
export const isTombstone = (event: LedgerEvent): boolean => event.schemaVersion === 0;

/** The datasets that reach a period with these events, and their first position in it. */
export function firstsOf(
  placed: PlacedEvent[],
  period: string,
  reached: ReadonlyMap<string, string | null>,
): Map<string, number> {
  const firsts = new Map<string, number>();
  for (const { datasetId, position } of placed)
    if (reached.get(datasetId) !== period && !firsts.has(datasetId)) firsts.set(datasetId, position);
  return firsts;
}

/** When the newest event of each dataset was recorded. */
export function newestOf(placed: PlacedEvent[]): Map<string, string> {
  const newest = new Map<string, string>();
  for (const { datasetId, recordedAt } of placed)
    if (recordedAt > (newest.get(datasetId) ?? '')) newest.set(datasetId, recordedAt);
  return newest;
}

/** What one publisher put into one dataset with a batch; positions between may belong to others. */
export type Publication = {
  datasetId: string;
  publisher: string;
  first: number;
  last: number;
  records: number;
  digest: string;
};

/** One publication for each dataset and publisher; its digest covers the events' digests in their order. */
export function publicationsOf(placed: PlacedEvent[]): Publication[] {
  const groups = new Map<string, PlacedEvent[]>();
  for (const event of placed) {
    const key = `${event.datasetId}|${event.publisher}`;
    const group = groups.get(key);
    if (group) group.push(event);
    else groups.set(key, [event]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first, last] = [group[0], group[group.length - 1]];
    if (!first || !last) return [];
    const digest = digestOf(group.map((event) => event.digest));
    const { datasetId, publisher } = first;
    return [{ datasetId, publisher, first: first.position, last: last.position, records: group.length, digest }];
  });
}

/** SHA-256 over the digests in their order, hex. */
export const digestOf = (digests: string[]): string => createHash('sha256').update(digests.join('')).digest('hex');
