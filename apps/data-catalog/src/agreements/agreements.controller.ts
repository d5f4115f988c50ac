import { type Caller, CurrentCaller, etagOf, Idempotent, pageOf, Scopes } from '@govbus/platform';
import { Body, Controller, Get, Headers, HttpCode, Param, ParseUUIDPipe, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Agreement } from './agreement.entity';
import { AgreementOrder, AgreementPage, AgreementResponse, AgreementsQuery, MoveOrder } from './agreements.dto';
import { AgreementsService } from './agreements.service';

@Controller('v1/agreements')
export class AgreementsController {
  constructor(private readonly agreements: AgreementsService) {}

  @Post()
  @Scopes('agreements:decide')
  @Idempotent()
  @ApiCreatedResponse({ type: AgreementResponse })
  async create(
    @Body() order: AgreementOrder,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AgreementResponse> {
    return viewOf(await this.agreements.create(order, caller), reply);
  }

  @Get()
  @Scopes('catalog:read', 'agreements:decide')
  @ApiOkResponse({ type: AgreementPage })
  async list(@Query() query: AgreementsQuery): Promise<AgreementPage> {
    return pageOf(await this.agreements.list(query), query.limit, (row) => [row.agreementId], AgreementResponse.from);
  }

  @Get(':agreementId')
  @Scopes('catalog:read', 'agreements:decide')
  @ApiOkResponse({ type: AgreementResponse })
  async show(
    @Param('agreementId', ParseUUIDPipe) agreementId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AgreementResponse> {
    return viewOf(await this.agreements.show(agreementId), reply);
  }

  @Post(':agreementId/approve')
  @HttpCode(200)
  @Scopes('agreements:decide')
  @ApiOkResponse({ type: AgreementResponse })
  async approve(
    @Param('agreementId', ParseUUIDPipe) agreementId: string,
    @Body() { reason }: MoveOrder,
    @Headers('if-match') ifMatch: string | undefined,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AgreementResponse> {
    return viewOf(await this.agreements.move('approve', agreementId, reason, ifMatch, caller), reply);
  }

  @Post(':agreementId/activate')
  @HttpCode(200)
  @Scopes('agreements:decide')
  @ApiOkResponse({ type: AgreementResponse })
  async activate(
    @Param('agreementId', ParseUUIDPipe) agreementId: string,
    @Body() { reason }: MoveOrder,
    @Headers('if-match') ifMatch: string | undefined,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AgreementResponse> {
    return viewOf(await this.agreements.move('activate', agreementId, reason, ifMatch, caller), reply);
  }

  @Post(':agreementId/suspend')
  @HttpCode(200)
  @Scopes('agreements:decide')
  @ApiOkResponse({ type: AgreementResponse })
  async suspend(
    @Param('agreementId', ParseUUIDPipe) agreementId: string,
    @Body() { reason }: MoveOrder,
    @Headers('if-match') ifMatch: string | undefined,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AgreementResponse> {
    return viewOf(await this.agreements.move('suspend', agreementId, reason, ifMatch, caller), reply);
  }

  @Post(':agreementId/resume')
  @HttpCode(200)
  @Scopes('agreements:decide')
  @ApiOkResponse({ type: AgreementResponse })
  async resume(
    @Param('agreementId', ParseUUIDPipe) agreementId: string,
    @Body() { reason }: MoveOrder,
    @Headers('if-match') ifMatch: string | undefined,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AgreementResponse> {
    return viewOf(await this.agreements.move('resume', agreementId, reason, ifMatch, caller), reply);
  }

  @Post(':agreementId/revoke')
  @HttpCode(200)
  @Scopes('agreements:decide')
  @ApiOkResponse({ type: AgreementResponse })
  async revoke(
    @Param('agreementId', ParseUUIDPipe) agreementId: string,
    @Body() { reason }: MoveOrder,
    @Headers('if-match') ifMatch: string | undefined,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AgreementResponse> {
    return viewOf(await this.agreements.move('revoke', agreementId, reason, ifMatch, caller), reply);
  }
}

function viewOf(agreement: Agreement, reply: FastifyReply): AgreementResponse {
  void reply.header('etag', etagOf(agreement.version));
  return AgreementResponse.from(agreement);
}
