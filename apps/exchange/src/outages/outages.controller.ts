import { type Caller, CurrentCaller, Idempotent, Scopes } from '@govbus/platform';
import { Body, Controller, Delete, Get, HttpCode, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { AnnounceOutageRequest, OutageList, OutageResponse } from './outages.dto';
import { OutagesService } from './outages.service';

@Controller('v1/outages')
@Scopes('events:read')
export class OutagesController {
  constructor(private readonly outages: OutagesService) {}

  @Post()
  @Idempotent()
  @ApiOperation({ operationId: 'announceOutage', summary: 'Announce when nothing is to be sent to the department' })
  @ApiCreatedResponse({ type: OutageResponse })
  async announce(@Body() order: AnnounceOutageRequest, @CurrentCaller() caller: Caller): Promise<OutageResponse> {
    return OutageResponse.from(await this.outages.announce(order, caller));
  }

  @Get()
  @ApiOperation({ operationId: 'listOutages', summary: 'The planned outages of the department that are not over' })
  @ApiOkResponse({ type: OutageList })
  async list(@CurrentCaller() caller: Caller): Promise<OutageList> {
    const outages = await this.outages.list(caller);
    return { items: outages.map((outage) => OutageResponse.from(outage)) };
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ operationId: 'withdrawOutage', summary: 'End an outage early, or call it off' })
  @ApiNoContentResponse()
  withdraw(@Param('id', ParseUUIDPipe) id: string, @CurrentCaller() caller: Caller): Promise<void> {
    return this.outages.withdraw(id, caller);
  }
}
