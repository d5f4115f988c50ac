"use strict";
var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.ExportJob = exports.exportStatuses = exports.exportContents = exports.exportFormats = void 0;
const typeorm_1 = require("typeorm");
exports.exportFormats = ['csv', 'ndjson'];
/** The latest record of each key, or the events between two positions. */
exports.exportContents = ['latest', 'events'];
exports.exportStatuses = ['queued', 'running', 'done', 'failed', 'stopped', 'expired'];
// Counts and positions stay far below 2^53; PostgreSQL's bigint comes back as text.
const number = { from: Number, to: (value) => value };
const nullable = {
    from: (value) => (value === null ? null : Number(value)),
    to: (value) => value,
};
/** A file that is written page by page, each page together with the record of its disclosure. */
let ExportJob = class ExportJob {
    exportId;
    agreementId;
    /** The terms that the whole file is made under. */
    agreementVersion;
    datasetId;
    consumerDepartment;
    /** The principal that asked for it; the worker reads in its name. */
    owner;
    purpose;
    caseReference;
    format;
    content;
    /** The granted pointers; those of a CSV file are its columns. */
    fields;
    fromPosition;
    /** The last position that may be in it; for the latest records, the head when it was asked for. */
    toPosition;
    /** Rows to look at, as counted when it was asked for. */
    rowsTotal;
    status;
    reason;
    /** How far the ledger was read. */
    throughPosition;
    /** How far the latest records were read. */
    afterKey;
    /** Whether the last page is written. */
    isRead;
    rowsDone;
    records;
    bytes;
    chunks;
    firstPosition;
    lastPosition;
    firstRecordedAt;
    lastRecordedAt;
    /** Of the whole file, hex. */
    sha256;
    /** Turns that failed for a reason that may pass. */
    attempts;
    createdAt;
    finishedAt;
    expiresAt;
};
exports.ExportJob = ExportJob;
__decorate([
    (0, typeorm_1.PrimaryColumn)('uuid', { name: 'export_id' }),
    __metadata("design:type", String)
], ExportJob.prototype, "exportId", void 0);
__decorate([
    (0, typeorm_1.Column)('uuid', { name: 'agreement_id' }),
    __metadata("design:type", String)
], ExportJob.prototype, "agreementId", void 0);
__decorate([
    (0, typeorm_1.Column)('integer', { name: 'agreement_version' }),
    __metadata("design:type", Number)
], ExportJob.prototype, "agreementVersion", void 0);
__decorate([
    (0, typeorm_1.Column)('text', { name: 'dataset_id' }),
    __metadata("design:type", String)
], ExportJob.prototype, "datasetId", void 0);
__decorate([
    (0, typeorm_1.Column)('text', { name: 'consumer_department' }),
    __metadata("design:type", String)
], ExportJob.prototype, "consumerDepartment", void 0);
__decorate([
    (0, typeorm_1.Column)('text'),
    __metadata("design:type", String)
], ExportJob.prototype, "owner", void 0);
__decorate([
    (0, typeorm_1.Column)('text'),
    __metadata("design:type", String)
], ExportJob.prototype, "purpose", void 0);
__decorate([
    (0, typeorm_1.Column)('text', { name: 'case_reference', nullable: true }),
    __metadata("design:type", Object)
], ExportJob.prototype, "caseReference", void 0);
__decorate([
    (0, typeorm_1.Column)('text'),
    __metadata("design:type", String)
], ExportJob.prototype, "format", void 0);
__decorate([
    (0, typeorm_1.Column)('text'),
    __metadata("design:type", String)
], ExportJob.prototype, "content", void 0);
__decorate([
    (0, typeorm_1.Column)('jsonb'),
    __metadata("design:type", Array)
], ExportJob.prototype, "fields", void 0);
__decorate([
    (0, typeorm_1.Column)('bigint', { name: 'from_position', transformer: number }),
    __metadata("design:type", Number)
], ExportJob.prototype, "fromPosition", void 0);
__decorate([
    (0, typeorm_1.Column)('bigint', { name: 'to_position', transformer: number }),
    __metadata("design:type", Number)
], ExportJob.prototype, "toPosition", void 0);
__decorate([
    (0, typeorm_1.Column)('bigint', { name: 'rows_total', transformer: number }),
    __metadata("design:type", Number)
], ExportJob.prototype, "rowsTotal", void 0);
__decorate([
    (0, typeorm_1.Column)('text'),
    __metadata("design:type", String)
], ExportJob.prototype, "status", void 0);
__decorate([
    (0, typeorm_1.Column)('text', { nullable: true }),
    __metadata("design:type", Object)
], ExportJob.prototype, "reason", void 0);
__decorate([
    (0, typeorm_1.Column)('bigint', { name: 'through_position', transformer: number }),
    __metadata("design:type", Number)
], ExportJob.prototype, "throughPosition", void 0);
__decorate([
    (0, typeorm_1.Column)('text', { name: 'after_key', nullable: true }),
    __metadata("design:type", Object)
], ExportJob.prototype, "afterKey", void 0);
__decorate([
    (0, typeorm_1.Column)('boolean', { name: 'is_read' }),
    __metadata("design:type", Boolean)
], ExportJob.prototype, "isRead", void 0);
__decorate([
    (0, typeorm_1.Column)('bigint', { name: 'rows_done', transformer: number }),
    __metadata("design:type", Number)
], ExportJob.prototype, "rowsDone", void 0);
__decorate([
    (0, typeorm_1.Column)('bigint', { transformer: number }),
    __metadata("design:type", Number)
], ExportJob.prototype, "records", void 0);
__decorate([
    (0, typeorm_1.Column)('bigint', { transformer: number }),
    __metadata("design:type", Number)
], ExportJob.prototype, "bytes", void 0);
__decorate([
    (0, typeorm_1.Column)('integer'),
    __metadata("design:type", Number)
], ExportJob.prototype, "chunks", void 0);
__decorate([
    (0, typeorm_1.Column)('bigint', { name: 'first_position', nullable: true, transformer: nullable }),
    __metadata("design:type", Object)
], ExportJob.prototype, "firstPosition", void 0);
__decorate([
    (0, typeorm_1.Column)('bigint', { name: 'last_position', nullable: true, transformer: nullable }),
    __metadata("design:type", Object)
], ExportJob.prototype, "lastPosition", void 0);
__decorate([
    (0, typeorm_1.Column)('timestamptz', { name: 'first_recorded_at', nullable: true }),
    __metadata("design:type", Object)
], ExportJob.prototype, "firstRecordedAt", void 0);
__decorate([
    (0, typeorm_1.Column)('timestamptz', { name: 'last_recorded_at', nullable: true }),
    __metadata("design:type", Object)
], ExportJob.prototype, "lastRecordedAt", void 0);
__decorate([
    (0, typeorm_1.Column)('text', { nullable: true }),
    __metadata("design:type", Object)
], ExportJob.prototype, "sha256", void 0);
__decorate([
    (0, typeorm_1.Column)('integer'),
    __metadata("design:type", Number)
], ExportJob.prototype, "attempts", void 0);
__decorate([
    (0, typeorm_1.Column)('timestamptz', { name: 'created_at' }),
    __metadata("design:type", Date)
], ExportJob.prototype, "createdAt", void 0);
__decorate([
    (0, typeorm_1.Column)('timestamptz', { name: 'finished_at', nullable: true }),
    __metadata("design:type", Object)
], ExportJob.prototype, "finishedAt", void 0);
__decorate([
    (0, typeorm_1.Column)('timestamptz', { name: 'expires_at', nullable: true }),
    __metadata("design:type", Object)
], ExportJob.prototype, "expiresAt", void 0);
exports.ExportJob = ExportJob = __decorate([
    (0, typeorm_1.Entity)('exports')
], ExportJob);
//# sourceMappingURL=export-job.entity.js.map