import { type Caller, CurrentCaller, pageOf, Scopes } from '@govbus/platform';
import { Body, Controller, Delete, Get, Headers, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
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

const answer = (view: View): SubscriptionResponse => SubscriptionResponse.from(view);

@Controller('v1/subscriptions')
@Scopes('events:read')
export class SubscriptionsController {
  constructor(private readonly subscriptions: SubscriptionsService) {}

  // No `Idempotency-Key` here: the answer holds the webhook's secret, and a stored answer would keep it in clear text.
  @Post()
  @ApiCreatedResponse({ type: SubscriptionResponse })
  async create(
    @Body() order: CreateSubscriptionRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<SubscriptionResponse> {
    const { secret, ...view } = await this.subscriptions.create(order, caller);
    return SubscriptionResponse.from(view, secret);
  }

  @Get()
  @ApiOkResponse({ type: SubscriptionPage })
  async list(@Query() query: SubscriptionsQuery, @CurrentCaller() caller: Caller): Promise<SubscriptionPage> {
    const rows = await this.subscriptions.list(query, caller);
    const cursorOf = ({ subscription }: View) => [subscription.createdAt.toISOString(), subscription.subscriptionId];
    return pageOf(rows, query.limit, cursorOf, answer);
  }

  @Get(':id')
  @ApiOkResponse({ type: SubscriptionResponse })
  async get(@Param('id', ParseUUIDPipe) id: string, @CurrentCaller() caller: Caller): Promise<SubscriptionResponse> {
    return answer(await this.subscriptions.get(id, caller));
  }

  @Post(':id/pause')
  @HttpCode(200)
  @ApiOkResponse({ type: SubscriptionResponse })
  async pause(
    @Param('id', ParseUUIDPipe) id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @CurrentCaller() caller: Caller,
  ): Promise<SubscriptionResponse> {
    return answer(await this.subscriptions.pause(id, ifMatch, caller));
  }

  @Post(':id/resume')
  @HttpCode(200)
  @ApiOkResponse({ type: SubscriptionResponse })
  async resume(
    @Param('id', ParseUUIDPipe) id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @CurrentCaller() caller: Caller,
  ): Promise<SubscriptionResponse> {
    return answer(await this.subscriptions.resume(id, ifMatch, caller));
  }

  @Post(':id/ack')
  @HttpCode(200)
  @ApiOperation({ operationId: 'acknowledgeEvents', summary: 'Acknowledge the events up to a cursor' })
  @ApiOkResponse({ type: SubscriptionResponse })
  async ack(
    @Param('id', ParseUUIDPipe) id: string,
    @Body() order: AckRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<SubscriptionResponse> {
    return answer(await this.subscriptions.ack(id, order.cursor, caller));
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
  ): Promise<SubscriptionResponse> {
    return answer(await this.subscriptions.seek(id, order, ifMatch, caller));
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
  ): Promise<SubscriptionResponse> {
    return answer(await this.subscriptions.skip(id, order, ifMatch, caller));
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
  ): Promise<SubscriptionResponse> {
    const { secret, ...view } = await this.subscriptions.rotateSecret(id, order, ifMatch, caller);
    return SubscriptionResponse.from(view, secret);
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
