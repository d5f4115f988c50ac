import { type Caller, CurrentCaller, GetOnly, onGone, Scopes } from '@govbus/platform';
import { Controller, Get, Param, ParseUUIDPipe, Query, Res, UseGuards } from '@nestjs/common';
import { ApiConflictResponse, ApiOkResponse, ApiOperation, ApiTooManyRequestsResponse } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { PullQuery, PullResponse } from './pull.dto';
import { PullService } from './pull.service';

@Controller('v1/subscriptions')
export class PullController {
  constructor(private readonly pulls: PullService) {}

  @Get(':id/events')
  @Scopes('events:read')
  @UseGuards(GetOnly)
  @ApiOperation({ operationId: 'pullEvents', summary: 'Pull events; each page with events is a disclosure' })
  @ApiOkResponse({ type: PullResponse })
  @ApiConflictResponse()
  @ApiTooManyRequestsResponse()
  pull(
    @Param('id', ParseUUIDPipe) id: string,
    @Query() query: PullQuery,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PullResponse> {
    return this.pulls.pull(id, query, caller, (callback) => onGone(reply, callback));
  }
}
