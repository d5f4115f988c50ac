import { type Caller, CurrentCaller, Scopes } from '@govbus/platform';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { EventStatusQuery, EventStatusResponse, LedgerResponse } from './ledger.dto';
import { LedgerService } from './ledger.service';

@Controller('v1')
export class LedgerController {
  constructor(private readonly ledger: LedgerService) {}

  @Get('events/status')
  @Scopes('events:publish')
  status(@Query() query: EventStatusQuery, @CurrentCaller() caller: Caller): Promise<EventStatusResponse> {
    return this.ledger.statusOf(query, caller);
  }

  @Get('datasets/:datasetId/ledger')
  @Scopes('events:publish', 'events:read', 'admin')
  ledgerOf(@Param('datasetId') datasetId: string, @CurrentCaller() caller: Caller): Promise<LedgerResponse> {
    return this.ledger.ledgerOf(datasetId, caller);
  }
}
