export declare const exportFormats: readonly ['csv', 'ndjson'];
export type ExportFormat = (typeof exportFormats)[number];
/** The latest record of each key, or the events between two positions. */
export declare const exportContents: readonly ['latest', 'events'];
export type ExportContent = (typeof exportContents)[number];
export declare const exportStatuses: readonly ['queued', 'running', 'done', 'failed', 'stopped', 'expired'];
export type ExportStatus = (typeof exportStatuses)[number];
/** A file that is written page by page, each page together with the record of its disclosure. */
export declare class ExportJob {
    exportId: string;
    agreementId: string;
    /** The terms that the whole file is made under. */
    agreementVersion: number;
    datasetId: string;
    consumerDepartment: string;
    /** The principal that asked for it; the worker reads in its name. */
    owner: string;
    purpose: string;
    caseReference: string | null;
    format: ExportFormat;
    content: ExportContent;
    /** The granted pointers; those of a CSV file are its columns. */
    fields: string[];
    fromPosition: number;
    /** The last position that may be in it; for the latest records, the head when it was asked for. */
    toPosition: number;
    /** Rows to look at, as counted when it was asked for. */
    rowsTotal: number;
    status: ExportStatus;
    reason: string | null;
    /** How far the ledger was read. */
    throughPosition: number;
    /** How far the latest records were read. */
    afterKey: string | null;
    /** Whether the last page is written. */
    isRead: boolean;
    rowsDone: number;
    records: number;
    bytes: number;
    chunks: number;
    firstPosition: number | null;
    lastPosition: number | null;
    firstRecordedAt: Date | null;
    lastRecordedAt: Date | null;
    /** Of the whole file, hex. */
    sha256: string | null;
    /** Turns that failed for a reason that may pass. */
    attempts: number;
    createdAt: Date;
    finishedAt: Date | null;
    expiresAt: Date | null;
}
//# sourceMappingURL=export-job.entity.d.ts.map