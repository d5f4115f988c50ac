import type { DeliveredEvent } from '@govbus/contracts';
import type { EntityManager } from 'typeorm';
import type { AgreementCopy } from '../agreements/agreement.entity';
import type { DatasetCopy } from '../datasets/dataset.entity';
import { keyAt, onlyAt } from '../datasets/pointer';
import { type LedgerRow, type readLedger, recordOf } from '../ledger/ledger-reads.sql';
import { readLatest } from './disclosure.sql';
import type { Lens } from './lenses';

const maxScanned = 5_000;
const chunkRows = 500;
/** Bytes that a page looks at, at most, whether or not the lens lets them through. */
const maxScannedBytes = 64 * 1024 * 1024;
/** Bytes of granted JSON after which a page is full, unless it is asked for a smaller one. */
const maxPageBytes = 8 * 1024 * 1024;

/** What is read from: a dataset, as an agreement shows it. */
export type Source = {
  agreement: AgreementCopy;
  dataset: DatasetCopy | null;
  lens: Lens;
  /** Most records that the agreement still allows; without it, as many as are asked for. */
  mostRecords?: number;
};
export type Matched = {
  row: LedgerRow;
  event: DeliveredEvent;
  subject?: string;
  /** The record's own key, whether or not the agreement shows it. */
  key?: string;
};

type Bounds = {
  limit: number;
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
  request: Bounds & { after: number; until?: number },
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
    }
    if (chunk.isLast) return { matched: page.matched, looked: page.looked };
  }
  return { matched: page.matched, afterKey, looked: page.looked };
}

/** One row as the lens shows it; undefined when the agreement does not give it. */
export function matchOf(source: Source, row: LedgerRow): Matched | undefined {
  if (row.tombstone) return removalOf(source, row, row.tombstone.removedData);
  const { agreement, dataset, lens } = source;
  const data = recordOf(row);
  if (!lens.matches(data)) return undefined;
  const at = (pointer?: string | null) => (typeof pointer === 'string' ? keyAt(data, pointer) : undefined);
  const event = eventOf(agreement.datasetId, row, lens.project(data));
  return { row, event, subject: at(dataset?.dataSubjectPointer), key: at(dataset?.keyPointer) };
}

// Only for those who were given the record as it was last; others must not learn that there was one (P4).
function removalOf({ agreement, dataset, lens }: Source, row: LedgerRow, removedData?: string): Matched | undefined {
  if (removedData === undefined || !dataset) return undefined;
  const removed: unknown = JSON.parse(removedData);
  if (!lens.matches(removed)) return undefined;
  const { keyPointer, dataSubjectPointer } = dataset;
  const shown = lens.project(onlyAt(removed, keyPointer));
  const event = { ...eventOf(agreement.datasetId, row, shown), type: 'exchange.record-removed.v1' as const };
  const subject = dataSubjectPointer === null ? undefined : keyAt(removed, dataSubjectPointer);
  return { row, event, subject, key: keyAt(removed, keyPointer) };
}

/** A page while it is filled: rows, records and bytes are counted. */
class OpenPage {
  readonly matched: Matched[] = [];
  looked = 0;
  private lookedBytes = 0;
  private bytes = 0;

  constructor(
    private readonly source: Source,
    private readonly bounds: Bounds,
  ) {}

  get isFull(): boolean {
    const { maxBytes = maxPageBytes } = this.bounds;
    const limit = Math.min(this.bounds.limit, this.source.mostRecords ?? Infinity);
    const isTired = this.looked >= maxScanned || this.lookedBytes >= maxScannedBytes;
    return isTired || this.matched.length >= limit || this.bytes >= maxBytes;
  }

  look(row: LedgerRow): void {
    this.looked += 1;
    this.lookedBytes += row.size;
    const matched = matchOf(this.source, row);
    if (!matched || this.bounds.isWanted?.(matched.event) === false) return;
    this.matched.push(matched);
    this.bytes += row.size;
  }
}

// The bus's own envelope: nothing of the publisher's rides along beside what the lens lets through.
function eventOf(datasetId: string, row: LedgerRow, data: unknown): DeliveredEvent {
  return {
    specversion: '1.0',
    id: String(row.position),
    source: `/datasets/${datasetId}`,
    type: 'exchange.record-shared.v1',
    time: row.recordedAt.toISOString(),
    datacontenttype: 'application/json',
    sequence: String(row.position).padStart(16, '0'),
    data,
  };
}
