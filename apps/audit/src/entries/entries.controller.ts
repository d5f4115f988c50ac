import { type Caller, CurrentCaller, GetOnly, pageOf, Scopes } from '@govbus/platform';
import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { EntriesQuery, EntriesSearch, EntryPage, EntryResponse, ProofResponse } from './entries.dto';
import { EntriesService } from './entries.service';

@Controller('v1/entries')
@Scopes('audit:read')
export class EntriesController {
  constructor(private readonly entries: EntriesService) {}

  @Get()
  @UseGuards(GetOnly)
  @ApiOkResponse({ type: EntryPage })
  async list(@Query() query: EntriesQuery, @CurrentCaller() caller: Caller): Promise<EntryPage> {
    return page(await this.entries.search(query, caller), query.limit);
  }

  @Post('search')
  @HttpCode(200)
  @ApiOkResponse({ type: EntryPage })
  async search(@Body() search: EntriesSearch, @CurrentCaller() caller: Caller): Promise<EntryPage> {
    return page(await this.entries.search(search, caller), search.limit);
  }

  @Get(':entryId')
  @UseGuards(GetOnly)
  @ApiOkResponse({ type: EntryResponse })
  show(@Param('entryId', ParseUUIDPipe) entryId: string, @CurrentCaller() caller: Caller): Promise<EntryResponse> {
    return this.entries.show(entryId, caller);
  }

  @Get(':entryId/proof')
  @UseGuards(GetOnly)
  @ApiOperation({ operationId: 'proveEntry', summary: 'Prove that an entry is in the log' })
  @ApiOkResponse({ type: ProofResponse })
  proof(@Param('entryId', ParseUUIDPipe) entryId: string, @CurrentCaller() caller: Caller): Promise<ProofResponse> {
    return this.entries.proof(entryId, caller);
  }
}

const page = (rows: EntryResponse[], limit: number): EntryPage =>
  pageOf(
    rows,
    limit,
    (row) => [row.index],
    (row) => row,
  );
