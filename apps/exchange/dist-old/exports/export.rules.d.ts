import type { Access } from '../delivery/disclosure';
import type { Receiver } from '../delivery/receive-decisions';
import type { ExportContent, ExportJob } from './export-job.entity';
/** An export as an access; its pages and its file go on with what was allowed to begin. */
export declare function accessOf(job: Pick<ExportJob, 'exportId' | 'agreementId' | 'purpose' | 'caseReference'>, receiver: Receiver): Access;
/**
 * The positions that an export is about; all there are unless it says which.
 *
 * Errors: `Invalid` `export.range` when none lie between, or for the latest records, which have no range;
 *   `position.beyond-head`.
 */
export declare function rangeOf({ of, from, to }: {
    of: ExportContent;
    from?: number;
    to?: number;
}, head: number): {
    from: number;
    to: number;
};
/** What the signature of a link covers. */
export declare const linkOf: (exportId: string, expires: string) => string;
//# sourceMappingURL=export.rules.d.ts.map