import { type Caller, PageQuery } from '@govbus/platform';
import type { FastifyReply } from 'fastify';
import { ExportFiles } from './export-files';
import { CreateExportRequest, ExportPage, ExportResponse, LinkQuery, ManifestResponse } from './exports.dto';
import { ExportsService } from './exports.service';
export declare class ExportsController {
    private readonly exports;
    private readonly files;
    constructor(exports: ExportsService, files: ExportFiles);
    create(order: CreateExportRequest, caller: Caller, reply: FastifyReply): Promise<ExportResponse>;
    list(query: PageQuery, caller: Caller): Promise<ExportPage>;
    get(id: string, caller: Caller): Promise<ExportResponse>;
    manifest(id: string, caller: Caller): Promise<ManifestResponse>;
    file(id: string, caller: Caller, reply: FastifyReply): Promise<void>;
    download(id: string, query: LinkQuery, reply: FastifyReply): Promise<void>;
    remove(id: string, caller: Caller): Promise<void>;
    private answer;
}
//# sourceMappingURL=exports.controller.d.ts.map