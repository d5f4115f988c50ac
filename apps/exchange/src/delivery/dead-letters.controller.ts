import { type Caller, CurrentCaller, PageQuery, pageOf, Scopes } from '@govbus/platform';
import { Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTooManyRequestsResponse } from '@nestjs/swagger';
import { DeadLetterPage, DeadLetterResponse, RedriveAllResponse, RedriveResponse } from './dead-letters.dto';
import { DeadLettersService } from './dead-letters.service';

@Controller('v1/subscriptions')
@Scopes('events:read')
export class DeadLettersController {
  constructor(private readonly deadLetters: DeadLettersService) {}

  @Get(':id/dead-letters')
  @ApiOperation({ operationId: 'listDeadLetters', summary: 'Pages that the receiver did not take, the oldest first' })
  @ApiOkResponse({ type: DeadLetterPage })
  async list(
    @Param('id', ParseUUIDPipe) id: string,
    @Query() query: PageQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<DeadLetterPage> {
    const rows = await this.deadLetters.list(id, query, caller);
    return pageOf(
      rows,
      query.limit,
      (row) => [row.putAsideAt.toISOString(), row.deadLetterId],
      (row) => DeadLetterResponse.from(row),
    );
  }

  @Post(':id/dead-letters/redrive')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'redriveDeadLetters',
    summary: 'Deliver the pages that were put aside, the oldest first, until one is not taken or 20 seconds are over',
  })
  @ApiOkResponse({ type: RedriveAllResponse })
  @ApiTooManyRequestsResponse()
  redriveAll(@Param('id', ParseUUIDPipe) id: string, @CurrentCaller() caller: Caller): Promise<RedriveAllResponse> {
    return this.deadLetters.redriveAll(id, caller);
  }

  @Post(':id/dead-letters/:deadLetterId/redrive')
  @HttpCode(200)
  @ApiOperation({ operationId: 'redriveDeadLetter', summary: 'Deliver a page that was put aside, decided anew' })
  @ApiOkResponse({ type: RedriveResponse })
  @ApiTooManyRequestsResponse()
  redrive(
    @Param('id', ParseUUIDPipe) id: string,
    @Param('deadLetterId', ParseUUIDPipe) deadLetterId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<RedriveResponse> {
    return this.deadLetters.redrive(id, deadLetterId, caller);
  }
}
