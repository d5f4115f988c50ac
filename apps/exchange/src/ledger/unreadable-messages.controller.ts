import { type Caller, CurrentCaller, pageOf, PageQuery, Scopes } from '@govbus/platform';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { UnreadableMessages } from './unreadable-messages';
import {
  DiscardOrder,
  ReplayAllResponse,
  UnreadableMessagePage,
  type UnreadableMessageResponse,
} from './unreadable-messages.dto';

/** Messages of `bus.events` that the ledger could not take. */
@Controller('v1/unreadable-messages')
@Scopes('admin')
export class UnreadableMessagesController {
  constructor(private readonly messages: UnreadableMessages) {}

  @Get()
  @ApiOperation({
    operationId: 'listUnreadableMessages',
    summary: 'Messages of the bus that the ledger could not take',
  })
  @ApiOkResponse({ type: UnreadableMessagePage })
  async list(@Query() { cursor, limit }: PageQuery): Promise<UnreadableMessagePage> {
    const rows = await this.messages.list(cursor, limit);
    const keyOf = (row: UnreadableMessageResponse) => [row.topic, row.partition, row.offset];
    return pageOf(rows, limit, keyOf, (row) => row);
  }

  @Post('replay')
  @HttpCode(200)
  @ApiOperation({ operationId: 'replayUnreadableMessages', summary: 'Try all of them again, a thousand at most' })
  @ApiOkResponse({ type: ReplayAllResponse })
  replayAll(@CurrentCaller() caller: Caller): Promise<ReplayAllResponse> {
    return this.messages.replayAll(caller);
  }

  @Post(':id/replay')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'replayUnreadableMessage',
    summary: 'Try one again; it is gone when it is in the ledger',
  })
  @ApiNoContentResponse()
  replay(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<void> {
    return this.messages.replay(id, caller);
  }

  @Post(':id/discard')
  @HttpCode(204)
  @ApiOperation({ operationId: 'discardUnreadableMessage', summary: 'Throw one away, with a reason' })
  @ApiNoContentResponse()
  discard(@Param('id') id: string, @Body() { reason }: DiscardOrder, @CurrentCaller() caller: Caller): Promise<void> {
    return this.messages.discard(id, reason, caller);
  }
}
