import type { EntityManager } from 'typeorm';
import type { ExportJob } from './export-job.entity';
/** Milliseconds a lease lasts, by the database's clock: longer than one page, renewed with each. */
export declare const leaseMs = 30000;
/** Leases exports that have pages to write, those that waited longest first; other processes skip them. */
export declare function leaseExports(owner: string, limit: number, tx: EntityManager): Promise<string[]>;
/** The exports of an agreement that wait for their next turn need not wait. */
export declare function hurryExports(agreementId: string, tx: EntityManager): Promise<void>;
/** Whether this process still holds the lease, made longer. */
export declare function renewExport(owner: string, exportId: string, tx: EntityManager): Promise<boolean>;
/** Gives the lease back; the next turn is in `pauseMs`. With `failed` it counts as an attempt. */
export declare function yieldExport(owner: string, exportId: string, { pauseMs, failed }: {
    pauseMs: number;
    failed: 0 | 1;
}, tx: EntityManager): Promise<void>;
/** A page as it is kept: what was looked at, and the lines of what may be shown. */
export type WrittenPage = {
    content: Buffer;
    throughPosition: number;
    afterKey?: string;
    isRead: boolean;
    looked: number;
    records: number;
    positions: number[];
    times: Date[];
};
/**
 * Keeps a page behind the `chunks` that are there. False when the lease was lost or another process wrote that page:
 * whoever has called must then roll back.
 */
export declare function writePage(owner: string, job: ExportJob, page: WrittenPage, tx: EntityManager): Promise<boolean>;
/** Begins anew under other terms: nothing of what was written stays. */
export declare function restartExport(owner: string, exportId: string, terms: {
    version: number;
    fields: string[];
}, tx: EntityManager): Promise<void>;
export declare function finishExport(owner: string, exportId: string, { sha256, now, expiresAt }: {
    sha256: string;
    now: Date;
    expiresAt: Date;
}, tx: EntityManager): Promise<boolean>;
/** Ends a running export without a file. False when it is no longer this process's. */
export declare function endExport(owner: string, exportId: string, { status, reason, now }: {
    status: 'failed' | 'stopped';
    reason: string;
    now: Date;
}, tx: EntityManager): Promise<boolean>;
/** A file that may no longer be had. */
export type Ended = {
    exportId: string;
    agreementId: string;
    datasetId: string;
    status: string;
    reason: string | null;
};
/** Takes the files away that have expired, and those whose agreement is not what it was when they were made. */
export declare function endFiles(now: Date, tx: EntityManager): Promise<Ended[]>;
/** Forgets exports that ended before a time. */
export declare function forgetExports(before: Date, tx: EntityManager): Promise<void>;
export declare function readChunk(exportId: string, chunk: number, tx: EntityManager): Promise<Buffer | undefined>;
/** Exports of a department that are not ended. */
export declare function countOpen(department: string, tx: EntityManager): Promise<number>;
//# sourceMappingURL=exports.sql.d.ts.map