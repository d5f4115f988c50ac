import { type Caller, CurrentCaller, GetOnly, Scopes } from '@govbus/platform';
import { Controller, Get, Headers, Param, ParseUUIDPipe, Req, Res, UseGuards } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiTooManyRequestsResponse,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sseType } from './sse.rules';
import { SseStreams } from './sse-streams';

@Controller('v1/subscriptions')
export class SseController {
  constructor(private readonly streams: SseStreams) {}

  @Get(':id/stream')
  @Scopes('events:read')
  @UseGuards(GetOnly)
  @ApiOperation({
    operationId: 'streamEvents',
    summary: 'A stream of events (server-sent events); each page that is written is a disclosure',
  })
  @ApiHeader({ name: 'last-event-id', required: false, description: 'goes on behind it, and acknowledges up to it' })
  @ApiOkResponse({ content: { [sseType]: { schema: { type: 'string' } } } })
  @ApiConflictResponse()
  @ApiTooManyRequestsResponse()
  async stream(
    @Param('id', ParseUUIDPipe) subscriptionId: string,
    @Headers('last-event-id') lastEventId: string | undefined,
    @CurrentCaller() caller: Caller,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { authorization } = request.headers;
    const about = { subscriptionId, caller, authorization, lastEventId };
    const run = await this.streams.open({ ...about, traceId: request.id, response: reply.raw });
    reply.hijack();
    await run();
  }
}
