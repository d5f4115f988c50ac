import { Public, Scopes } from '@govbus/platform';
import { Controller, Get, Header, Req, Res } from '@nestjs/common';
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

const tileBytes = { type: 'string' as const, format: 'binary' };

/** The log in tlog-tiles form. Source: C2SP tlog-tiles, tlog-checkpoint. */
@Controller()
export class LogController {
  constructor(
    private readonly log: LogReader,
    private readonly keys: LogKeys,
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

  // Hashes tell nothing of the entries; the entries are for auditors.
  @Get('tile/entries/*')
  @Scopes('audit:read')
  @ApiOperation({ operationId: 'readEntryTile', summary: 'Read a tile of entries (C2SP tlog-tiles)' })
  @ApiParam({ name: 'path', example: 'x001/067' })
  @ApiProduces('application/octet-stream')
  @ApiOkResponse({ schema: tileBytes })
  entries(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
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
