import { type Caller, CurrentCaller, etagOf, Scopes } from '@govbus/platform';
import { Body, Controller, Get, Headers, Put, Res } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { DirectoryEntryView, DirectoryOrder, DirectoryView } from './directory.dto';
import { Directory, type StoredDirectory } from './directory.service';

@Controller('v1/directory')
export class DirectoryController {
  constructor(private readonly directory: Directory) {}

  @Put()
  @Scopes('admin', 'cases:dispatch')
  @ApiOkResponse({ type: DirectoryView })
  async replace(
    @Body() order: DirectoryOrder,
    @CurrentCaller() caller: Caller,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DirectoryView> {
    return viewOf(await this.directory.replace(order, ifMatch, caller), reply);
  }

  @Get()
  @Scopes('admin', 'cases:dispatch', 'cases:handle')
  @ApiOkResponse({ type: DirectoryView })
  async show(@Res({ passthrough: true }) reply: FastifyReply): Promise<DirectoryView> {
    return viewOf(await this.directory.show(), reply);
  }
}

function viewOf({ entries, version }: StoredDirectory, reply: FastifyReply): DirectoryView {
  void reply.header('etag', etagOf(version));
  return { entries: entries.map(DirectoryEntryView.from), version };
}
