import { type ExportContent, type ExportFormat, type ExportJob, type ExportStatus } from './export-job.entity';
export declare class CreateExportRequest {
    agreementId: string;
    purpose: string;
    /** The case that the file is for, as the consumer names it: a reference, never a name. */
    caseReference?: string;
    format: ExportFormat;
    /** The latest record of each key, or the events as they came. */
    of: ExportContent;
    /** The first position wanted, of events alone; 1 by default. */
    from?: number;
    /** The last position wanted, of events alone; the last one there is by default. */
    to?: number;
}
export declare class LinkQuery {
    expires: string;
    signature: string;
}
export declare class ExportProgressResponse {
    rowsDone: number;
    rowsTotal: number;
}
export declare class ExportLinkResponse {
    url: string;
    expiresAt: string;
}
export declare class ExportResponse {
    exportId: string;
    agreementId: string;
    agreementVersion: number;
    datasetId: string;
    purpose: string;
    caseReference?: string;
    format: ExportFormat;
    of: ExportContent;
    status: ExportStatus;
    reason?: string;
    progress: ExportProgressResponse;
    records: number;
    bytes: number;
    sha256?: string;
    link?: ExportLinkResponse;
    createdAt: string;
    finishedAt?: string;
    expiresAt?: string;
    static from(job: ExportJob, link?: ExportLinkResponse): ExportResponse;
}
export declare class ExportPage {
    items: ExportResponse[];
    nextCursor?: string;
}
export declare class RecordedPeriodResponse {
    from: string;
    to: string;
}
export declare class PositionsResponse {
    first: number;
    last: number;
}
export declare class ManifestResponse {
    exportId: string;
    datasetId: string;
    agreementId: string;
    agreementVersion: number;
    purpose: string;
    caseReference?: string;
    format: ExportFormat;
    mediaType: string;
    of: ExportContent;
    fields: string[];
    columns?: string[];
    period?: RecordedPeriodResponse;
    positions?: PositionsResponse;
    records: number;
    bytes: number;
    sha256: string;
    createdAt: string;
    finishedAt: string;
    static from(job: ExportJob, sha256: string, finishedAt: Date): ManifestResponse;
}
//# sourceMappingURL=exports.dto.d.ts.map