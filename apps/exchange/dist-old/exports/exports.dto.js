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
exports.ManifestResponse = exports.PositionsResponse = exports.RecordedPeriodResponse = exports.ExportPage = exports.ExportResponse = exports.ExportLinkResponse = exports.ExportProgressResponse = exports.LinkQuery = exports.CreateExportRequest = void 0;
const contracts_1 = require("@govbus/contracts");
const swagger_1 = require("@nestjs/swagger");
const class_validator_1 = require("class-validator");
const export_format_rules_1 = require("./export-format.rules");
const export_job_entity_1 = require("./export-job.entity");
class CreateExportRequest {
    agreementId;
    purpose;
    /** The case that the file is for, as the consumer names it: a reference, never a name. */
    caseReference;
    format;
    /** The latest record of each key, or the events as they came. */
    of;
    /** The first position wanted, of events alone; 1 by default. */
    from;
    /** The last position wanted, of events alone; the last one there is by default. */
    to;
}
exports.CreateExportRequest = CreateExportRequest;
__decorate([
    (0, class_validator_1.IsUUID)(),
    __metadata("design:type", String)
], CreateExportRequest.prototype, "agreementId", void 0);
__decorate([
    (0, contracts_1.IsSlug)(),
    __metadata("design:type", String)
], CreateExportRequest.prototype, "purpose", void 0);
__decorate([
    (0, class_validator_1.IsOptional)(),
    (0, class_validator_1.Matches)(contracts_1.caseReferencePattern),
    __metadata("design:type", String)
], CreateExportRequest.prototype, "caseReference", void 0);
__decorate([
    (0, class_validator_1.IsIn)(export_job_entity_1.exportFormats),
    __metadata("design:type", String)
], CreateExportRequest.prototype, "format", void 0);
__decorate([
    (0, class_validator_1.IsIn)(export_job_entity_1.exportContents),
    __metadata("design:type", String)
], CreateExportRequest.prototype, "of", void 0);
__decorate([
    (0, class_validator_1.IsOptional)(),
    (0, class_validator_1.IsInt)(),
    (0, class_validator_1.Min)(1),
    (0, class_validator_1.Max)(Number.MAX_SAFE_INTEGER),
    __metadata("design:type", Number)
], CreateExportRequest.prototype, "from", void 0);
__decorate([
    (0, class_validator_1.IsOptional)(),
    (0, class_validator_1.IsInt)(),
    (0, class_validator_1.Min)(1),
    (0, class_validator_1.Max)(Number.MAX_SAFE_INTEGER),
    __metadata("design:type", Number)
], CreateExportRequest.prototype, "to", void 0);
class LinkQuery {
    expires;
    signature;
}
exports.LinkQuery = LinkQuery;
__decorate([
    (0, class_validator_1.IsString)(),
    (0, class_validator_1.Matches)(/^\d{1,12}$/),
    __metadata("design:type", String)
], LinkQuery.prototype, "expires", void 0);
__decorate([
    (0, class_validator_1.IsString)(),
    (0, class_validator_1.MaxLength)(100),
    __metadata("design:type", String)
], LinkQuery.prototype, "signature", void 0);
class ExportProgressResponse {
    rowsDone;
    rowsTotal;
}
exports.ExportProgressResponse = ExportProgressResponse;
__decorate([
    (0, swagger_1.ApiProperty)({ description: 'rows looked at' }),
    __metadata("design:type", Number)
], ExportProgressResponse.prototype, "rowsDone", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ description: 'rows to look at, as counted at the beginning' }),
    __metadata("design:type", Number)
], ExportProgressResponse.prototype, "rowsTotal", void 0);
class ExportLinkResponse {
    url;
    expiresAt;
}
exports.ExportLinkResponse = ExportLinkResponse;
__decorate([
    (0, swagger_1.ApiProperty)({ description: 'the file, without a token' }),
    __metadata("design:type", String)
], ExportLinkResponse.prototype, "url", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], ExportLinkResponse.prototype, "expiresAt", void 0);
class ExportResponse {
    exportId;
    agreementId;
    agreementVersion;
    datasetId;
    purpose;
    caseReference;
    format;
    of;
    status;
    reason;
    progress;
    records;
    bytes;
    sha256;
    link;
    createdAt;
    finishedAt;
    expiresAt;
    static from(job, link) {
        const { exportId, agreementId, agreementVersion, datasetId, purpose, format, status, records, bytes } = job;
        return {
            exportId,
            agreementId,
            agreementVersion,
            datasetId,
            purpose,
            caseReference: job.caseReference ?? undefined,
            format,
            of: job.content,
            status,
            reason: job.reason ?? undefined,
            progress: { rowsDone: job.rowsDone, rowsTotal: Math.max(job.rowsTotal, job.rowsDone) },
            records,
            bytes,
            sha256: job.sha256 ?? undefined,
            link,
            createdAt: job.createdAt.toISOString(),
            finishedAt: job.finishedAt?.toISOString(),
            expiresAt: job.expiresAt?.toISOString(),
        };
    }
}
exports.ExportResponse = ExportResponse;
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], ExportResponse.prototype, "exportId", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], ExportResponse.prototype, "agreementId", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", Number)
], ExportResponse.prototype, "agreementVersion", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], ExportResponse.prototype, "datasetId", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], ExportResponse.prototype, "purpose", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false }),
    __metadata("design:type", String)
], ExportResponse.prototype, "caseReference", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ enum: export_job_entity_1.exportFormats }),
    __metadata("design:type", String)
], ExportResponse.prototype, "format", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ enum: export_job_entity_1.exportContents }),
    __metadata("design:type", String)
], ExportResponse.prototype, "of", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ enum: export_job_entity_1.exportStatuses }),
    __metadata("design:type", String)
], ExportResponse.prototype, "status", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false, description: 'why it failed or was stopped' }),
    __metadata("design:type", String)
], ExportResponse.prototype, "reason", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ type: ExportProgressResponse }),
    __metadata("design:type", ExportProgressResponse)
], ExportResponse.prototype, "progress", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ description: 'records in the file' }),
    __metadata("design:type", Number)
], ExportResponse.prototype, "records", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", Number)
], ExportResponse.prototype, "bytes", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false, description: 'of the whole file, hex' }),
    __metadata("design:type", String)
], ExportResponse.prototype, "sha256", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false, type: ExportLinkResponse }),
    __metadata("design:type", ExportLinkResponse)
], ExportResponse.prototype, "link", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], ExportResponse.prototype, "createdAt", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false }),
    __metadata("design:type", String)
], ExportResponse.prototype, "finishedAt", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false, description: 'when the file is deleted' }),
    __metadata("design:type", String)
], ExportResponse.prototype, "expiresAt", void 0);
class ExportPage {
    items;
    nextCursor;
}
exports.ExportPage = ExportPage;
__decorate([
    (0, swagger_1.ApiProperty)({ type: [ExportResponse] }),
    __metadata("design:type", Array)
], ExportPage.prototype, "items", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false }),
    __metadata("design:type", String)
], ExportPage.prototype, "nextCursor", void 0);
class RecordedPeriodResponse {
    from;
    to;
}
exports.RecordedPeriodResponse = RecordedPeriodResponse;
__decorate([
    (0, swagger_1.ApiProperty)({ description: 'when the first record was recorded' }),
    __metadata("design:type", String)
], RecordedPeriodResponse.prototype, "from", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ description: 'when the last record was recorded' }),
    __metadata("design:type", String)
], RecordedPeriodResponse.prototype, "to", void 0);
class PositionsResponse {
    first;
    last;
}
exports.PositionsResponse = PositionsResponse;
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", Number)
], PositionsResponse.prototype, "first", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", Number)
], PositionsResponse.prototype, "last", void 0);
class ManifestResponse {
    exportId;
    datasetId;
    agreementId;
    agreementVersion;
    purpose;
    caseReference;
    format;
    mediaType;
    of;
    fields;
    columns;
    period;
    positions;
    records;
    bytes;
    sha256;
    createdAt;
    finishedAt;
    static from(job, sha256, finishedAt) {
        const { exportId, datasetId, agreementId, agreementVersion, purpose, format, content, fields } = job;
        const { firstPosition: first, lastPosition: last, firstRecordedAt: from, lastRecordedAt: to } = job;
        return {
            exportId,
            datasetId,
            agreementId,
            agreementVersion,
            purpose,
            caseReference: job.caseReference ?? undefined,
            format,
            mediaType: export_format_rules_1.mediaTypes[format],
            of: content,
            fields,
            columns: format === 'csv' ? (0, export_format_rules_1.columnsOf)(fields) : undefined,
            period: from && to ? { from: from.toISOString(), to: to.toISOString() } : undefined,
            positions: first !== null && last !== null ? { first, last } : undefined,
            records: job.records,
            bytes: job.bytes,
            sha256,
            createdAt: job.createdAt.toISOString(),
            finishedAt: finishedAt.toISOString(),
        };
    }
}
exports.ManifestResponse = ManifestResponse;
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], ManifestResponse.prototype, "exportId", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], ManifestResponse.prototype, "datasetId", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], ManifestResponse.prototype, "agreementId", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", Number)
], ManifestResponse.prototype, "agreementVersion", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], ManifestResponse.prototype, "purpose", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false }),
    __metadata("design:type", String)
], ManifestResponse.prototype, "caseReference", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ enum: export_job_entity_1.exportFormats }),
    __metadata("design:type", String)
], ManifestResponse.prototype, "format", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], ManifestResponse.prototype, "mediaType", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ enum: export_job_entity_1.exportContents }),
    __metadata("design:type", String)
], ManifestResponse.prototype, "of", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ description: 'the granted pointers' }),
    __metadata("design:type", Array)
], ManifestResponse.prototype, "fields", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ type: [String], required: false, description: 'of a CSV file, in order' }),
    __metadata("design:type", Array)
], ManifestResponse.prototype, "columns", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false, type: RecordedPeriodResponse }),
    __metadata("design:type", RecordedPeriodResponse)
], ManifestResponse.prototype, "period", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false, type: PositionsResponse }),
    __metadata("design:type", PositionsResponse)
], ManifestResponse.prototype, "positions", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", Number)
], ManifestResponse.prototype, "records", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", Number)
], ManifestResponse.prototype, "bytes", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ description: 'of the whole file, hex' }),
    __metadata("design:type", String)
], ManifestResponse.prototype, "sha256", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], ManifestResponse.prototype, "createdAt", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], ManifestResponse.prototype, "finishedAt", void 0);
//# sourceMappingURL=exports.dto.js.map