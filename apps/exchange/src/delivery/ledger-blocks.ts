import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { EntityManager } from 'typeorm';
import { type LedgerChunk, type LedgerRow, readLedger } from '../ledger/ledger-reads.sql';
import { headOf } from './disclosure.sql';

const blockRows = 500;
/**
 * Bytes of JSON kept, over all datasets; parsed it takes some two times as much. Consumers of one dataset run apart, since
 * a page is what their lens lets through: with 12 MiB a third of the time went into reading blocks again (bench `pull`).
 */
const maxBytes = 32 * 1024 * 1024;
// What retention removed may be read for so long, by whoever was about to have it anyway.
const maxAgeMs = 10_000;

/**
 * Blocks of the ledger that one consumer after the other reads: read and parsed once (bench `pull`). What stands at a
 * position never changes, so a whole block is as good as the table.
 *
 * INVARIANT: nobody changes a row, but for parsing it, or its record. Lenses make new objects.
 */
@Injectable()
export class LedgerBlocks {
  private readonly blocks = new LRUCache<string, LedgerRow[]>({
    maxSize: maxBytes,
    ttl: maxAgeMs,
    sizeCalculation: (rows) => rows.reduce((sum, { size }) => sum + size + 200, 0),
  });

  /** How far each dataset's ledger was when it was last looked at. */
  private readonly heads = new LRUCache<string, number>({ max: 10_000 });

  /** As `readLedger`; a chunk ends where its block does. */
  async read(datasetId: string, after: number, limit: number, tx: EntityManager): Promise<LedgerChunk> {
    const start = Math.floor(after / blockRows) * blockRows;
    const key = `${datasetId}|${start}`;
    const place = after - start;
    const known = this.blocks.get(key);
    if (known) return { rows: known.slice(place, place + limit), head: await headOf(datasetId, tx) };
    // The newest events, whose block is not full yet, are read as far as they are asked for.
    const isFull = (this.heads.get(datasetId) ?? 0) >= start + blockRows;
    const chunk = isFull
      ? await readLedger(datasetId, start, blockRows, tx)
      : await readLedger(datasetId, after, Math.min(limit, blockRows - place), tx);
    this.heads.set(datasetId, chunk.head);
    if (!isFull) return chunk;
    if (isWhole(chunk.rows, start)) this.blocks.set(key, chunk.rows);
    const rows = chunk.rows.filter(({ position }) => position > after);
    // Nothing of the block is left behind `after`, or it is cut short by its size: read on from there.
    return rows.length > 0 ? { ...chunk, rows: rows.slice(0, limit) } : readLedger(datasetId, after, limit, tx);
  }
}

// Positions are dense: what is missing was removed, or is beyond the end of the ledger or of a chunk.
const isWhole = (rows: LedgerRow[], start: number): boolean =>
  rows.length === blockRows && rows[0]?.position === start + 1 && rows.at(-1)?.position === start + blockRows;
