import { setImmediate as othersFirst } from 'node:timers/promises';
import type { DeliveredEvent } from '@govbus/contracts';
import type { EntityManager } from 'typeorm';
import type { AgreementCopy } from '../agreements/agreement.entity';
import type { DatasetCopy } from '../datasets/dataset.entity';
import { keyAt, onlyAt } from '../datasets/pointer';
import { type LedgerRow, type readLedger, recordOf, type Tombstone } from '../ledger/ledger-reads.sql';
import { readLatest } from './disclosure.sql';
import type { Lens } from './lenses';

const maxScanned = 5_000;
const chunkRows = 500;
/** Bytes that a page looks at, at most, whether or not the lens lets them through. */
const maxScannedBytes = 64 * 1024 * 1024;
/** Bytes of granted JSON after which a page is full, unless it is asked for a smaller one. */
const maxPageBytes = 8 * 1024 * 1024;
/**
 * Milliseconds that asking what is wanted may take of a page, and in one go: filters are what consumers make of them, and
 * meanwhile nobody else is served, nor can the agreement be revoked that the page holds.
 */
const [maxAskingMs, maxAskingAtOnceMs] = [200, 10];

/** What is read from: a dataset, as an agreement shows it at a time. */
export type Source = {
  agreement: AgreementCopy;
  dataset: DatasetCopy | null;
  lens: Lens;
  at: Date;
  /** Most records that the agreement still allows; without it, as many as are asked for. */
  mostRecords?: number;
};
export type Matched = {
  row: LedgerRow;
  event: DeliveredEvent;
  subject?: string;
  /** The record's own key, whether or not the agreement shows it. */
  key?: string;
  /** Of a removal alone: the record as it was shown, and the removal with what was shown of the record. */
  removed?: DeliveredEvent[];
};

type Bounds = {
  limit: number;
  /** The last position, where there is one: what is read again, under the name that it had, ends no sooner than before. */
  until?: number;
  maxBytes?: number;
  /** Asked of what the lens left, so that it tells nothing that the page would not show. */
  isWanted?: (event: DeliveredEvent) => boolean;
};
export type LedgerPage = {
  matched: Matched[];
  through: number;
  looked: number;
  /** How far the ledger was when its end was last looked at. */
  head: number;
};
/** Where chunks of the ledger come from: the table, or blocks of it that are kept. */
export type LedgerReader = typeof readLedger;
type LatestChunk = Awaited<ReturnType<typeof readLatest>>;
export type LatestPage = { matched: Matched[]; afterKey?: string; looked: number };

/**
 * The granted events behind `after`, up to `until`, in their order.
 *
 * INVARIANT: `through` passes over what retention removed, so that nobody waits for what will not come.
 */
export async function readPage(
  source: Source,
  request: Bounds & { after: number },
  read: LedgerReader,
  tx: EntityManager,
): Promise<LedgerPage> {
  const { after, until = Infinity } = request;
  const page = new OpenPage(source, request);
  let through = after;
  let head = 0;
  while (!page.isFull && through < until) {
    const chunk = await read(source.agreement.datasetId, through, chunkRows, tx);
    head = chunk.head;
    for (const row of chunk.rows) {
      if (page.isFull) break;
      through = Math.min(row.position, until);
      if (row.position > until) break;
      page.look(row);
      if (page.needsPause) await page.pause();
    }
    if (chunk.rows.length === 0) {
      through = Math.max(through, Math.min(head, until));
      break;
    }
  }
  return { matched: page.matched, through, looked: page.looked, head };
}

/**
 * The granted latest records behind a key, in the order of their keys. `afterKey` is where the next page begins; absent
 * when there is none.
 *
 * A page looks at 5,000 records or 64 MiB at most, each by its place in the index of `events`, whatever `isWanted` asks:
 * no index over fields would serve every lens, and each would cost the ledger's writer.
 */
export async function readLatestPage(
  source: Source,
  request: Bounds & { afterKey?: string },
  tx: EntityManager,
): Promise<LatestPage> {
  const page = new OpenPage(source, request);
  let { afterKey } = request;
  while (!page.isFull) {
    const chunk: LatestChunk = await readLatest(source.agreement.datasetId, afterKey, chunkRows, tx);
    for (const row of chunk.rows) {
      if (page.isFull) return { matched: page.matched, afterKey, looked: page.looked };
      afterKey = row.key;
      page.look(row);
      if (page.needsPause) await page.pause();
    }
    if (chunk.isLast) return { matched: page.matched, looked: page.looked };
  }
  return { matched: page.matched, afterKey, looked: page.looked };
}

/**
 * One row as the lens shows it; undefined when the agreement does not give it, or its time is over.
 *
 * Source: CloudEvents extension Expiry Time. The removal of a record that had expired goes to all who may have it.
 */
export function matchOf(source: Source, row: LedgerRow): Matched | undefined {
  if (row.expiresAt !== undefined && row.expiresAt <= source.at.getTime()) return undefined;
  if (row.tombstone) return removalOf(source, row, row.tombstone);
  const { agreement, dataset, lens } = source;
  const data = recordOf(row);
  if (!lens.matches(data)) return undefined;
  const at = (pointer?: string | null) => (typeof pointer === 'string' ? keyAt(data, pointer) : undefined);
  const event = eventOf(agreement.datasetId, row, lens.project(data));
  return { row, event, subject: at(dataset?.dataSubjectPointer), key: at(dataset?.keyPointer) };
}

/**
 * Whether a consumer wants what matched. It wants the removal of a record that it wanted: asked of its key alone, a filter
 * over another field would keep from it that the record is gone.
 */
export const isWantedOf = ({ event, removed }: Matched, isWanted: (event: DeliveredEvent) => boolean): boolean =>
  removed ? removed.some(isWanted) : isWanted(event);

// Only for those who were given the record as it was last; others must not learn that there was one (P4).
function removalOf({ agreement, dataset, lens }: Source, row: LedgerRow, { removed }: Tombstone): Matched | undefined {
  if (!removed || !dataset) return undefined;
  const data: unknown = JSON.parse(removed.data);
  if (!lens.matches(data)) return undefined;
  const { datasetId } = agreement;
  const { keyPointer, dataSubjectPointer } = dataset;
  const removalWith = (shown: unknown): DeliveredEvent => {
    return { ...eventOf(datasetId, row, shown), type: 'exchange.record-removed.v1' };
  };
  const granted = lens.project(data);
  return {
    row,
    event: removalWith(lens.project(onlyAt(data, keyPointer))),
    subject: dataSubjectPointer === null ? undefined : keyAt(data, dataSubjectPointer),
    key: keyAt(data, keyPointer),
    removed: [eventOf(datasetId, removed, granted), removalWith(granted)],
  };
}

/** A page while it is filled: rows, records and bytes are counted. */
class OpenPage {
  readonly matched: Matched[] = [];
  looked = 0;
  private lookedBytes = 0;
  private bytes = 0;
  private askedMs = 0;
  private askedAtOnceMs = 0;

  constructor(
    private readonly source: Source,
    private readonly bounds: Bounds,
  ) {}

  get isFull(): boolean {
    const { maxBytes = maxPageBytes } = this.bounds;
    const limit = Math.min(this.bounds.limit, this.source.mostRecords ?? Infinity);
    const hasAskedLong = this.bounds.until === undefined && this.askedMs >= maxAskingMs;
    const isTired = this.looked >= maxScanned || this.lookedBytes >= maxScannedBytes || hasAskedLong;
    return isTired || this.matched.length >= limit || this.bytes >= maxBytes;
  }

  look(row: LedgerRow): void {
    this.looked += 1;
    this.lookedBytes += row.size;
    const matched = matchOf(this.source, row);
    if (!matched || !this.isWanted(matched)) return;
    this.matched.push(matched);
    this.bytes += row.size;
  }

  get needsPause(): boolean {
    return this.askedAtOnceMs >= maxAskingAtOnceMs;
  }

  async pause(): Promise<void> {
    this.askedAtOnceMs = 0;
    const beganAt = performance.now();
    await othersFirst();
    // Others may ask for as long: the agreement is held meanwhile as well.
    this.askedMs += performance.now() - beganAt;
  }

  private isWanted(matched: Matched): boolean {
    const { isWanted } = this.bounds;
    if (!isWanted) return true;
    const beganAt = performance.now();
    const isOne = isWantedOf(matched, isWanted);
    const tookMs = performance.now() - beganAt;
    this.askedMs += tookMs;
    this.askedAtOnceMs += tookMs;
    return isOne;
  }
}

type Place = Pick<LedgerRow, 'position' | 'recordedAt'>;

// The bus's own envelope: nothing of the publisher's rides along beside what the lens lets through.
function eventOf(datasetId: string, { position, recordedAt }: Place, data: unknown): DeliveredEvent {
  return {
    specversion: '1.0',
    id: String(position),
    source: `/datasets/${datasetId}`,
    type: 'exchange.record-shared.v1',
    time: recordedAt.toISOString(),
    datacontenttype: 'application/json',
    sequence: String(position).padStart(16, '0'),
    data,
  };
}
