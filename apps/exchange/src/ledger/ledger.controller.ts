import { type Caller, CurrentCaller, Scopes } from '@govbus/platform';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { EventStatusQuery, EventStatusResponse, LedgerResponse } from './ledger.dto';
import { LedgerService } from './ledger.service';

@Controller('v1')
export class LedgerController {
  constructor(private readonly ledger: LedgerService) {}

  @Get('events/status')
  @Scopes('events:publish')
  @ApiOperation({ operationId: 'showEventStatus', summary: 'Show what became of a published event' })
  @ApiOkResponse({ type: EventStatusResponse })
  status(@Query() query: EventStatusQuery, @CurrentCaller() caller: Caller): Promise<EventStatusResponse> {
    return this.ledger.statusOf(query, caller);
  }

  @Get('datasets/:datasetId/ledger')
  @Scopes('events:publish', 'events:read', 'admin')
  @ApiOperation({ operationId: 'showLedger', summary: 'Show how far the ledger of a dataset is' })
  @ApiOkResponse({ type: LedgerResponse })
  ledgerOf(@Param('datasetId') datasetId: string, @CurrentCaller() caller: Caller): Promise<LedgerResponse> {
    return this.ledger.ledgerOf(datasetId, caller);
  }
}
