import { Invalid } from '@govbus/contracts';
import type { Access } from '../delivery/disclosure';
import type { Receiver } from '../delivery/receive-decisions';
import type { ExportContent, ExportJob } from './export-job.entity';

/** An export as an access; its pages and its file go on with what was allowed to begin. */
export function accessOf(
  job: Pick<ExportJob, 'exportId' | 'agreementId' | 'purpose' | 'caseReference'>,
  receiver: Receiver,
): Access {
  const { exportId, agreementId, purpose, caseReference } = job;
  const operation = 'exports:run' as const;
  return {
    agreementId,
    purpose,
    mode: 'file',
    receiver,
    operation,
    caseReference: caseReference ?? undefined,
    exportId,
  };
}

/**
 * The positions that an export is about; all there are unless it says which.
 *
 * Errors: `Invalid` `export.range` when none lie between, or for the latest records, which have no range;
 *   `position.beyond-head`.
 */
export function rangeOf(
  { of, from, to }: { of: ExportContent; from?: number; to?: number },
  head: number,
): { from: number; to: number } {
  const isBounded = (from ?? to) !== undefined && (from ?? to) !== null;
  if (of === 'latest' && isBounded)
    throw new Invalid('export.range', '`from` and `to` belong to an export of events, and only to it');
  const range = { from: from ?? 1, to: to ?? head };
  if (isBounded && range.from > range.to) throw new Invalid('export.range', '`from` must not lie behind `to`');
  if (range.to > head) throw new Invalid('position.beyond-head', `the dataset ends at position ${head}`);
  return range;
}

/**
 * How much was looked at, in tenths, rounded down; 1 when all was, and not before.
 *
 * Shape: a share and no counts: how many records a dataset has beside those that the agreement shows is not the consumer's
 *   to know (P4). Of events it is that of the positions, so that it does not tell which of them are kept either.
 */
export function shareOf(job: ReadSoFar): number {
  if (job.isRead) return 1;
  const { fromPosition: from, toPosition: to } = job;
  const [done, total] =
    job.content === 'latest' ? [job.rowsDone, job.rowsTotal] : [job.throughPosition - from + 1, to - from + 1];
  return total > 0 ? Math.min(Math.floor((10 * done) / total), 9) / 10 : 0;
}
type ReadSoFar = Pick<
  ExportJob,
  'content' | 'fromPosition' | 'toPosition' | 'throughPosition' | 'rowsDone' | 'rowsTotal' | 'isRead'
>;

/** What the signature of a link covers. */
export const linkOf = (exportId: string, expires: string): string => `export|${exportId}|${expires}`;
