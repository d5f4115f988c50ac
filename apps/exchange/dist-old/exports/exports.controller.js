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
var __param = (this && this.__param) || function (paramIndex, decorator) {
    return function (target, key) { decorator(target, key, paramIndex); }
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.ExportsController = void 0;
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const swagger_1 = require("@nestjs/swagger");
const export_files_1 = require("./export-files");
const export_format_rules_1 = require("./export-format.rules");
const exports_dto_1 = require("./exports.dto");
const exports_service_1 = require("./exports.service");
const binary = { type: 'string', format: 'binary' };
const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemDocument' } } };
const noFile = { description: 'there is no file now: not done, stopped or expired', content };
const noLink = { description: 'the link is forged or over, or the decision is a denial', content };
let ExportsController = class ExportsController {
    exports;
    files;
    constructor(exports, files) {
        this.exports = exports;
        this.files = files;
    }
    async create(order, caller, reply) {
        const job = await this.exports.create(order, caller);
        void reply.header('location', `/v1/exports/${job.exportId}`);
        return this.answer(job);
    }
    async list(query, caller) {
        const rows = await this.exports.list(query, caller);
        return (0, platform_1.pageOf)(rows, query.limit, (job) => [job.createdAt.toISOString(), job.exportId], (job) => exports_dto_1.ExportResponse.from(job));
    }
    async get(id, caller) {
        return this.answer(await this.exports.get(id, caller));
    }
    manifest(id, caller) {
        return this.exports.manifest(id, caller);
    }
    async file(id, caller, reply) {
        send(reply, await this.files.open(id, caller));
    }
    async download(id, query, reply) {
        send(reply, await this.files.openByLink(id, query));
    }
    remove(id, caller) {
        return this.exports.cancel(id, caller);
    }
    answer(job) {
        return exports_dto_1.ExportResponse.from(job, this.exports.linkTo(job));
    }
};
exports.ExportsController = ExportsController;
__decorate([
    (0, common_1.Post)(),
    (0, common_1.HttpCode)(202),
    (0, platform_1.Idempotent)(),
    (0, swagger_1.ApiAcceptedResponse)({
        type: exports_dto_1.ExportResponse,
        description: 'accepted; a worker writes it',
        headers: { Location: { description: 'where it is shown how far it is', schema: { type: 'string' } } },
    }),
    (0, swagger_1.ApiTooManyRequestsResponse)(),
    __param(0, (0, common_1.Body)()),
    __param(1, (0, platform_1.CurrentCaller)()),
    __param(2, (0, common_1.Res)({ passthrough: true })),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [exports_dto_1.CreateExportRequest, Object, Object]),
    __metadata("design:returntype", Promise)
], ExportsController.prototype, "create", null);
__decorate([
    (0, common_1.Get)(),
    (0, swagger_1.ApiOkResponse)({ type: exports_dto_1.ExportPage }),
    __param(0, (0, common_1.Query)()),
    __param(1, (0, platform_1.CurrentCaller)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [platform_1.PageQuery, Object]),
    __metadata("design:returntype", Promise)
], ExportsController.prototype, "list", null);
__decorate([
    (0, common_1.Get)(':id'),
    (0, swagger_1.ApiOkResponse)({ type: exports_dto_1.ExportResponse }),
    __param(0, (0, common_1.Param)('id', common_1.ParseUUIDPipe)),
    __param(1, (0, platform_1.CurrentCaller)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [String, Object]),
    __metadata("design:returntype", Promise)
], ExportsController.prototype, "get", null);
__decorate([
    (0, common_1.Get)(':id/manifest'),
    (0, swagger_1.ApiOperation)({ operationId: 'showExportManifest', summary: 'What is in the file: fields, positions, count, digest' }),
    (0, swagger_1.ApiOkResponse)({ type: exports_dto_1.ManifestResponse }),
    (0, swagger_1.ApiConflictResponse)(noFile),
    __param(0, (0, common_1.Param)('id', common_1.ParseUUIDPipe)),
    __param(1, (0, platform_1.CurrentCaller)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [String, Object]),
    __metadata("design:returntype", Promise)
], ExportsController.prototype, "manifest", null);
__decorate([
    (0, common_1.Get)(':id/file'),
    (0, swagger_1.ApiOperation)({ operationId: 'downloadExport', summary: 'The file; each download is a disclosure' }),
    (0, swagger_1.ApiProduces)('text/csv', 'application/x-ndjson'),
    (0, swagger_1.ApiOkResponse)({ schema: binary }),
    (0, swagger_1.ApiConflictResponse)(noFile),
    __param(0, (0, common_1.Param)('id', common_1.ParseUUIDPipe)),
    __param(1, (0, platform_1.CurrentCaller)()),
    __param(2, (0, common_1.Res)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [String, Object, Object]),
    __metadata("design:returntype", Promise)
], ExportsController.prototype, "file", null);
__decorate([
    (0, common_1.Get)(':id/download'),
    (0, platform_1.Public)(),
    (0, swagger_1.ApiOperation)({ operationId: 'downloadExportByLink', summary: 'The file, by the link that its export shows' }),
    (0, swagger_1.ApiProduces)('text/csv', 'application/x-ndjson'),
    (0, swagger_1.ApiOkResponse)({ schema: binary }),
    (0, swagger_1.ApiForbiddenResponse)(noLink),
    (0, swagger_1.ApiConflictResponse)(noFile),
    __param(0, (0, common_1.Param)('id', common_1.ParseUUIDPipe)),
    __param(1, (0, common_1.Query)()),
    __param(2, (0, common_1.Res)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [String, exports_dto_1.LinkQuery, Object]),
    __metadata("design:returntype", Promise)
], ExportsController.prototype, "download", null);
__decorate([
    (0, common_1.Delete)(':id'),
    (0, common_1.HttpCode)(204),
    (0, swagger_1.ApiOperation)({ operationId: 'deleteExport', summary: 'Cancel an export, or delete its file' }),
    (0, swagger_1.ApiNoContentResponse)(),
    __param(0, (0, common_1.Param)('id', common_1.ParseUUIDPipe)),
    __param(1, (0, platform_1.CurrentCaller)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [String, Object]),
    __metadata("design:returntype", Promise)
], ExportsController.prototype, "remove", null);
exports.ExportsController = ExportsController = __decorate([
    (0, common_1.Controller)('v1/exports'),
    (0, platform_1.Scopes)('events:read'),
    __metadata("design:paramtypes", [exports_service_1.ExportsService, export_files_1.ExportFiles])
], ExportsController);
// RFC 9530: the digest of the whole file, whatever happens on the way.
function send(reply, { job, content }) {
    const { datasetId, exportId, format, bytes, sha256 } = job;
    void reply
        .headers({
        'content-type': export_format_rules_1.mediaTypes[format],
        'content-length': bytes,
        'content-disposition': `attachment; filename="${datasetId}-${exportId.slice(0, 8)}.${format}"`,
        'repr-digest': `sha-256=:${Buffer.from(sha256 ?? '', 'hex').toString('base64')}:`,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
    })
        .send(content);
}
//# sourceMappingURL=exports.controller.js.map