import { type Caller, CurrentCaller, etagOf, pageOf, Scopes } from '@govbus/platform';
import { Body, Controller, Get, Headers, HttpCode, Param, ParseUUIDPipe, Post, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { CaseRecord } from './case.entity';
import {
  CaseCountsQuery,
  CaseCountsView,
  CaseDetailView,
  CaseDispatch,
  CaseMove,
  CasePage,
  CaseQuery,
  CaseView,
} from './cases.dto';
import { Cases } from './cases.service';

@Controller('v1/cases')
export class CasesController {
  constructor(private readonly cases: Cases) {}

  @Get()
  @Scopes('cases:handle', 'cases:dispatch')
  @ApiOkResponse({ type: CasePage })
  async list(@Query() query: CaseQuery, @CurrentCaller() caller: Caller): Promise<CasePage> {
    const found = await this.cases.list(query, caller);
    return pageOf(found, query.limit, (matter) => [matter.openedAt.toISOString(), matter.caseId], CaseView.from);
  }

  @Get('counts')
  @Scopes('cases:handle', 'cases:dispatch')
  @ApiOperation({ operationId: 'countCases', summary: 'Count the cases by status, cell and unit' })
  @ApiOkResponse({ type: CaseCountsView })
  counts(@Query() { datasetId }: CaseCountsQuery, @CurrentCaller() caller: Caller): Promise<CaseCountsView> {
    return this.cases.counts(datasetId, caller);
  }

  @Get(':caseId')
  @Scopes('cases:handle', 'cases:dispatch')
  @ApiOkResponse({ type: CaseDetailView })
  async show(
    @Param('caseId', ParseUUIDPipe) caseId: string,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CaseDetailView> {
    const { matter, steps } = await this.cases.show(caseId, caller);
    void reply.header('etag', etagOf(matter.version));
    return CaseDetailView.of(matter, steps);
  }

  @Post(':caseId/move')
  @HttpCode(200)
  @Scopes('cases:handle', 'cases:dispatch')
  @ApiOkResponse({ type: CaseView })
  async move(
    @Param('caseId', ParseUUIDPipe) caseId: string,
    @Body() order: CaseMove,
    @CurrentCaller() caller: Caller,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CaseView> {
    return viewOf(await this.cases.move(caseId, order, ifMatch, caller), reply);
  }

  @Post(':caseId/dispatch')
  @HttpCode(200)
  @Scopes('cases:dispatch')
  @ApiOkResponse({ type: CaseView })
  async dispatch(
    @Param('caseId', ParseUUIDPipe) caseId: string,
    @Body() order: CaseDispatch,
    @CurrentCaller() caller: Caller,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CaseView> {
    return viewOf(await this.cases.dispatch(caseId, order, ifMatch, caller), reply);
  }
}

function viewOf(matter: CaseRecord, reply: FastifyReply): CaseView {
  void reply.header('etag', etagOf(matter.version));
  return CaseView.from(matter);
}
