import { Public, Scopes } from '@govbus/platform';
import { Controller, Get, Header, Param, Res } from '@nestjs/common';
import { ApiOkResponse, ApiProperty } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { LogKeys } from './log-keys';
import { LogReader } from './log-reader';

export class LogResponse {
  @ApiProperty() origin: string;
  /** Trust this key when you know it from elsewhere. */
  @ApiProperty() verifierKey: string;
  @ApiProperty() size: number;
}

/** The log in tlog-tiles form. Source: C2SP tlog-tiles, tlog-checkpoint. */
@Controller()
export class LogController {
  constructor(
    private readonly log: LogReader,
    private readonly keys: LogKeys,
  ) {}

  @Get('checkpoint')
  @Public()
  @Header('content-type', 'text/plain; charset=utf-8')
  @Header('cache-control', 'no-store')
  async checkpoint(): Promise<string> {
    return (await this.log.state()).checkpoint;
  }

  @Get('v1/log')
  @Public()
  @ApiOkResponse({ type: LogResponse })
  async show(): Promise<LogResponse> {
    const { size } = await this.log.state();
    return { origin: this.keys.origin, verifierKey: this.keys.verifierKey, size };
  }

  // Hashes tell nothing of the entries; the entries are for auditors.
  @Get('tile/entries/*path')
  @Scopes('audit:read')
  entries(@Param('path') path: string | string[], @Res() reply: FastifyReply): Promise<void> {
    return this.send(`tile/entries/${[path].flat().join('/')}`, reply);
  }

  @Get('tile/:level/*path')
  @Public()
  tile(
    @Param('level') level: string,
    @Param('path') path: string | string[],
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.send(`tile/${level}/${[path].flat().join('/')}`, reply);
  }

  private async send(path: string, reply: FastifyReply): Promise<void> {
    const { name, content } = await this.log.tile(path);
    const isOpen = name.level !== 'entries';
    await reply
      .header('cache-control', isOpen ? 'public, max-age=31536000, immutable' : 'private, no-store')
      .type('application/octet-stream')
      .send(content);
  }
}
