import type { EntityManager } from 'typeorm';
import { positionAt } from '../ledger/ledger-reads.sql';
import { positionBefore, type Start } from './start.rules';

/**
 * The position after which delivery goes on, looked up in the ledger where the start is a time.
 *
 * Errors: `Invalid` `position.beyond-head`.
 */
export async function startAt(start: Start, datasetId: string, head: number, tx: EntityManager): Promise<number> {
  if (typeof start === 'string' || 'position' in start) return positionBefore(start, head);
  return ((await positionAt(datasetId, new Date(start.time), head, tx)) ?? head + 1) - 1;
}
