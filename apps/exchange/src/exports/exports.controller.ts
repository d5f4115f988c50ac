import { type Caller, CurrentCaller, GetOnly, Idempotent, pageOf, PageQuery, Public, Scopes } from '@govbus/platform';
import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  ParseUUIDPipe,
  Post,
  Query,
  Res,
  UseGuards,
} from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiConflictResponse,
  ApiForbiddenResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiTooManyRequestsResponse,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { type ExportFile, ExportFiles } from './export-files';
import { mediaTypes } from './export-format.rules';
import type { ExportJob } from './export-job.entity';
import { CreateExportRequest, ExportPage, ExportResponse, LinkQuery, ManifestResponse } from './exports.dto';
import { ExportsService } from './exports.service';

const binary = { type: 'string', format: 'binary' };
const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemDocument' } } };
const noFile = { description: 'there is no file now: not done, stopped or expired', content };
const noLink = { description: 'the link is forged or over, or the decision is a denial', content };

@Controller('v1/exports')
@Scopes('events:read')
export class ExportsController {
  constructor(
    private readonly exports: ExportsService,
    private readonly files: ExportFiles,
  ) {}

  @Post()
  @HttpCode(202)
  @Idempotent()
  @ApiAcceptedResponse({
    type: ExportResponse,
    description: 'accepted; a worker writes it',
    headers: { Location: { description: 'where it is shown how far it is', schema: { type: 'string' } } },
  })
  @ApiTooManyRequestsResponse()
  async create(
    @Body() order: CreateExportRequest,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ExportResponse> {
    const job = await this.exports.create(order, caller);
    void reply.header('location', `/v1/exports/${job.exportId}`);
    return this.answer(job);
  }

  @Get()
  @ApiOkResponse({ type: ExportPage })
  async list(@Query() query: PageQuery, @CurrentCaller() caller: Caller): Promise<ExportPage> {
    const rows = await this.exports.list(query, caller);
    return pageOf(
      rows,
      query.limit,
      (job) => [job.createdAt.toISOString(), job.exportId],
      (job) => ExportResponse.from(job),
    );
  }

  @Get(':id')
  @ApiOkResponse({ type: ExportResponse })
  async get(@Param('id', ParseUUIDPipe) id: string, @CurrentCaller() caller: Caller): Promise<ExportResponse> {
    return this.answer(await this.exports.get(id, caller));
  }

  @Get(':id/manifest')
  @ApiOperation({ operationId: 'showExportManifest', summary: 'What is in the file: fields, positions, count, digest' })
  @ApiOkResponse({ type: ManifestResponse })
  @ApiConflictResponse(noFile)
  manifest(@Param('id', ParseUUIDPipe) id: string, @CurrentCaller() caller: Caller): Promise<ManifestResponse> {
    return this.exports.manifest(id, caller);
  }

  @Get(':id/file')
  @UseGuards(GetOnly)
  @ApiOperation({ operationId: 'downloadExport', summary: 'The file; each download is a disclosure' })
  @ApiProduces('text/csv', 'application/x-ndjson')
  @ApiOkResponse({ schema: binary })
  @ApiConflictResponse(noFile)
  async file(
    @Param('id', ParseUUIDPipe) id: string,
    @CurrentCaller() caller: Caller,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    send(reply, await this.files.open(id, caller, reply.raw));
  }

  @Get(':id/download')
  @Public()
  @UseGuards(GetOnly)
  @ApiOperation({ operationId: 'downloadExportByLink', summary: 'The file, by the link that its export shows' })
  @ApiProduces('text/csv', 'application/x-ndjson')
  @ApiOkResponse({ schema: binary })
  @ApiForbiddenResponse(noLink)
  @ApiConflictResponse(noFile)
  async download(
    @Param('id', ParseUUIDPipe) id: string,
    @Query() query: LinkQuery,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    send(reply, await this.files.openByLink(id, query, reply.raw));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ operationId: 'deleteExport', summary: 'Cancel an export, or delete its file' })
  @ApiNoContentResponse()
  remove(@Param('id', ParseUUIDPipe) id: string, @CurrentCaller() caller: Caller): Promise<void> {
    return this.exports.cancel(id, caller);
  }

  private answer(job: ExportJob): ExportResponse {
    return ExportResponse.from(job, this.exports.linkTo(job));
  }
}

// RFC 9530: the digest of the whole file, whatever happens on the way.
function send(reply: FastifyReply, { job, content }: ExportFile): void {
  const { datasetId, exportId, format, bytes, sha256 } = job;
  void reply
    .headers({
      'content-type': mediaTypes[format],
      'content-length': bytes,
      'content-disposition': `attachment; filename="${datasetId}-${exportId.slice(0, 8)}.${format}"`,
      'repr-digest': `sha-256=:${Buffer.from(sha256 ?? '', 'hex').toString('base64')}:`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    .send(content);
}
