import { type Caller, CurrentCaller, LOGGER, type Logger, pageOf, PageQuery, Public, Scopes } from '@govbus/platform';
import { Controller, Get, Header, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiProduces, ApiProperty } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LogKeys } from './log-keys';
import { LogReader } from './log-reader';

export class LogResponse {
  @ApiProperty() origin: string;
  /** Trust this key when you know it from elsewhere. */
  @ApiProperty() verifierKey: string;
  @ApiProperty() size: number;
}

export class UnreadableEntryResponse {
  @ApiProperty() topic: string;
  @ApiProperty() partition: number;
  @ApiProperty() offset: number;
  @ApiProperty() reason: string;
  @ApiProperty() bytes: number;
}
export class UnreadableEntryPage {
  @ApiProperty({ type: [UnreadableEntryResponse] }) items: UnreadableEntryResponse[];
  @ApiProperty({ required: false }) nextCursor?: string;
}

const tileBytes = { type: 'string' as const, format: 'binary' };

/** The log in tlog-tiles form. Source: C2SP tlog-tiles, tlog-checkpoint. */
@Controller()
export class LogController {
  constructor(
    private readonly log: LogReader,
    private readonly keys: LogKeys,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Get('checkpoint')
  @Public()
  @ApiOperation({ operationId: 'showCheckpoint', summary: 'Show the newest checkpoint (C2SP tlog-checkpoint)' })
  @ApiProduces('text/plain')
  @ApiOkResponse({ schema: { type: 'string' } })
  @Header('content-type', 'text/plain; charset=utf-8')
  @Header('cache-control', 'no-store')
  async checkpoint(): Promise<string> {
    return (await this.log.state()).checkpoint;
  }

  @Get('v1/log')
  @Public()
  @ApiOperation({ operationId: 'showLog', summary: "Show the log's name, key and size" })
  @ApiOkResponse({ type: LogResponse })
  async show(): Promise<LogResponse> {
    const { size } = await this.log.state();
    return { origin: this.keys.origin, verifierKey: this.keys.verifierKey, size };
  }

  @Get('v1/unreadable-entries')
  @Scopes('audit:read', 'admin')
  @ApiOperation({ operationId: 'listUnreadableEntries', summary: 'List what could not be read into the log' })
  @ApiOkResponse({ type: UnreadableEntryPage })
  async unreadable(@Query() query: PageQuery): Promise<UnreadableEntryPage> {
    const rows = await this.log.unreadable(query);
    return pageOf(
      rows,
      query.limit,
      ({ topic, partition, offset }) => [topic, partition, offset],
      (row) => row,
    );
  }

  // Hashes tell nothing of the entries; the entries are for auditors. Whoever verifies the log reads them all: an entry
  // for each tile would lengthen the log that is being verified, so the service's own log says who it was.
  @Get('tile/entries/*')
  @Scopes('audit:read')
  @ApiOperation({ operationId: 'readEntryTile', summary: 'Read a tile of entries (C2SP tlog-tiles)' })
  @ApiParam({ name: 'path', example: 'x001/067' })
  @ApiProduces('application/octet-stream')
  @ApiOkResponse({ schema: tileBytes })
  entries(
    @CurrentCaller() { id: caller, department }: Caller,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    this.logger.info({ caller, department, tile: request.url, traceId: request.id }, 'entries read');
    return this.send(request, reply);
  }

  @Get('tile/:level/*')
  @Public()
  @ApiOperation({ operationId: 'readHashTile', summary: 'Read a tile of hashes (C2SP tlog-tiles)' })
  @ApiParam({ name: 'level', schema: { type: 'integer', minimum: 0, maximum: 63 } })
  @ApiParam({ name: 'path', example: 'x001/067' })
  @ApiProduces('application/octet-stream')
  @ApiOkResponse({ schema: tileBytes })
  tile(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.send(request, reply);
  }

  private async send({ url }: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { name, content } = await this.log.tile(url.slice(1));
    const isOpen = name.level !== 'entries';
    await reply
      .header('cache-control', isOpen ? 'public, max-age=31536000, immutable' : 'private, no-store')
      .type('application/octet-stream')
      .send(content);
  }
}
