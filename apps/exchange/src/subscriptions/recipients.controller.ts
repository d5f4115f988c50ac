import { type Caller, CurrentCaller, PageQuery, pageOf, Scopes } from '@govbus/platform';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { RecipientPage, type RecipientResponse } from './recipients.dto';
import { RecipientsService } from './recipients.service';
import { donePosition } from './start.rules';
import type { View } from './subscription-views';

@Controller('v1/datasets')
export class RecipientsController {
  constructor(private readonly recipients: RecipientsService) {}

  @Get(':datasetId/recipients')
  @Scopes('events:publish', 'catalog:read', 'admin')
  @ApiOperation({ operationId: 'listRecipients', summary: 'Who receives a dataset, and how far each is' })
  @ApiOkResponse({ type: RecipientPage })
  async list(
    @Param('datasetId') datasetId: string,
    @Query() query: PageQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<RecipientPage> {
    const rows = await this.recipients.list(datasetId, query, caller);
    const cursorOf = ({ subscription }: View) => [subscription.createdAt.toISOString(), subscription.subscriptionId];
    return pageOf(rows, query.limit, cursorOf, recipientOf);
  }
}

function recipientOf({ subscription, head, conditions }: View): RecipientResponse {
  const { subscriptionId, agreementId, consumerDepartment, purpose, mode, status } = subscription;
  const ackedPosition = donePosition(subscription);
  return {
    subscriptionId,
    agreementId,
    consumerDepartment,
    purpose,
    mode,
    status,
    stopReason: subscription.stopReason ?? undefined,
    ackedPosition,
    lag: Math.max(0, head - ackedPosition),
    delivered: subscription.delivered,
    lastDeliveredAt: subscription.lastDeliveredAt?.toISOString(),
    deadLetters: subscription.deadLetters,
    isOut: conditions.outage !== null,
  };
}
