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

/** What the signature of a link covers. */
export const linkOf = (exportId: string, expires: string): string => `export|${exportId}|${expires}`;
