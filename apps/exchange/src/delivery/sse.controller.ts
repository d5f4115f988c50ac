import { type Caller, CurrentCaller, EdgeError, Scopes } from '@govbus/platform';
import { Controller, Get, Headers, Param, ParseUUIDPipe, Req, Res } from '@nestjs/common';
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
    // Fastify answers HEAD by the handler of GET: pages would be disclosed that nobody is sent.
    if (request.method !== 'GET')
      throw new EdgeError(405, 'method.not-allowed', 'a stream can only be got', { allow: 'GET' });
    const { authorization } = request.headers;
    const run = await this.streams.open({ subscriptionId, caller, authorization, lastEventId, traceId: request.id });
    reply.hijack();
    await run(reply.raw);
  }
}
