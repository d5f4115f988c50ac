import { type Caller, CurrentCaller, etagOf, pageOf, Scopes } from '@govbus/platform';
import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  ParseUUIDPipe,
  Post,
  Query,
  Res,
} from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import {
  AckRequest,
  CreateSubscriptionRequest,
  RotateSecretRequest,
  SeekRequest,
  SkipRequest,
  SubscriptionPage,
  SubscriptionResponse,
  SubscriptionsQuery,
} from './subscriptions.dto';
import { SubscriptionsService } from './subscriptions.service';
import type { View } from './subscription-views';

@Controller('v1/subscriptions')
@Scopes('events:read')
export class SubscriptionsController {
  constructor(private readonly subscriptions: SubscriptionsService) {}

  // No `Idempotency-Key` here: the answer holds the webhook's secret, and a stored answer would keep it in clear text.
  @Post()
  @ApiCreatedResponse({
    type: SubscriptionResponse,
    headers: { Location: { description: 'where it is shown', schema: { type: 'string' } } },
  })
  async create(
    @Body() order: CreateSubscriptionRequest,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SubscriptionResponse> {
    const { secret, ...view } = await this.subscriptions.create(order, caller);
    void reply.header('location', `/v1/subscriptions/${view.subscription.subscriptionId}`);
    return answer(view, reply, secret);
  }

  @Get()
  @ApiOkResponse({ type: SubscriptionPage })
  async list(@Query() query: SubscriptionsQuery, @CurrentCaller() caller: Caller): Promise<SubscriptionPage> {
    const rows = await this.subscriptions.list(query, caller);
    const cursorOf = ({ subscription }: View) => [subscription.createdAt.toISOString(), subscription.subscriptionId];
    return pageOf(rows, query.limit, cursorOf, (view) => SubscriptionResponse.from(view));
  }

  @Get(':id')
  @ApiOkResponse({ type: SubscriptionResponse })
  async get(
    @Param('id', ParseUUIDPipe) id: string,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SubscriptionResponse> {
    return answer(await this.subscriptions.get(id, caller), reply);
  }

  @Post(':id/pause')
  @HttpCode(200)
  @ApiOkResponse({ type: SubscriptionResponse })
  async pause(
    @Param('id', ParseUUIDPipe) id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SubscriptionResponse> {
    return answer(await this.subscriptions.pause(id, ifMatch, caller), reply);
  }

  @Post(':id/resume')
  @HttpCode(200)
  @ApiOkResponse({ type: SubscriptionResponse })
  async resume(
    @Param('id', ParseUUIDPipe) id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SubscriptionResponse> {
    return answer(await this.subscriptions.resume(id, ifMatch, caller), reply);
  }

  @Post(':id/ack')
  @HttpCode(200)
  @ApiOperation({ operationId: 'acknowledgeEvents', summary: 'Acknowledge the events up to a cursor' })
  @ApiOkResponse({ type: SubscriptionResponse })
  async ack(
    @Param('id', ParseUUIDPipe) id: string,
    @Body() order: AckRequest,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SubscriptionResponse> {
    return answer(await this.subscriptions.ack(id, order.cursor, caller), reply);
  }

  @Post(':id/seek')
  @HttpCode(200)
  @ApiOperation({ summary: 'Go on from another place: back to replay, forward to skip' })
  @ApiOkResponse({ type: SubscriptionResponse })
  async seek(
    @Param('id', ParseUUIDPipe) id: string,
    @Body() order: SeekRequest,
    @Headers('if-match') ifMatch: string | undefined,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SubscriptionResponse> {
    return answer(await this.subscriptions.seek(id, order, ifMatch, caller), reply);
  }

  @Post(':id/skip')
  @HttpCode(200)
  @ApiOperation({ summary: 'Pass over what is next, with a reason that is kept' })
  @ApiOkResponse({ type: SubscriptionResponse })
  async skip(
    @Param('id', ParseUUIDPipe) id: string,
    @Body() order: SkipRequest,
    @Headers('if-match') ifMatch: string | undefined,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SubscriptionResponse> {
    return answer(await this.subscriptions.skip(id, order, ifMatch, caller), reply);
  }

  // No `Idempotency-Key` here either.
  @Post(':id/rotate-secret')
  @HttpCode(200)
  @ApiOperation({
    summary: 'A new webhook secret, shown in this answer alone; the one before signs as well for a while',
  })
  // All of it has defaults.
  @ApiBody({ type: RotateSecretRequest, required: false })
  @ApiOkResponse({ type: SubscriptionResponse })
  async rotateSecret(
    @Param('id', ParseUUIDPipe) id: string,
    @Body() order: RotateSecretRequest,
    @Headers('if-match') ifMatch: string | undefined,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SubscriptionResponse> {
    const { secret, ...view } = await this.subscriptions.rotateSecret(id, order, ifMatch, caller);
    return answer(view, reply, secret);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiNoContentResponse()
  remove(
    @Param('id', ParseUUIDPipe) id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @CurrentCaller() caller: Caller,
  ): Promise<void> {
    return this.subscriptions.remove(id, ifMatch, caller);
  }
}

// The version is of what is decided about it: what is delivered and acknowledged moves without it.
function answer(view: View, reply: FastifyReply, secret?: string): SubscriptionResponse {
  void reply.header('etag', etagOf(view.subscription.version));
  return SubscriptionResponse.from(view, secret);
}
