import { type Caller, CurrentCaller, onGone, Scopes } from '@govbus/platform';
import { Body, Controller, HttpCode, Post, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTooManyRequestsResponse } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { QueryResponse, RunQueryRequest } from './queries.dto';
import { QueriesService } from './queries.service';

@Controller('v1/queries')
export class QueriesController {
  constructor(private readonly queries: QueriesService) {}

  // No `Idempotency-Key` here: a stored answer would keep the records beyond the agreement.
  @Post()
  @HttpCode(200)
  @Scopes('events:read')
  @ApiOperation({
    operationId: 'runQuery',
    summary: 'The latest record under a key, or those that match; each page is a disclosure, the empty one too',
  })
  @ApiOkResponse({ type: QueryResponse })
  @ApiTooManyRequestsResponse()
  run(
    @Body() request: RunQueryRequest,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<QueryResponse> {
    return this.queries.run(request, caller, (callback) => onGone(reply, callback));
  }
}
