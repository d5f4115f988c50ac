import { type Caller, CurrentCaller, etagOf, Idempotent, pageOf, Scopes } from '@govbus/platform';
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { StatusOrder } from '../departments/departments.dto';
import type { Principal } from './principal.entity';
import { OfficerOrder, OfficerPage, OfficerResponse, PrincipalsQuery } from './principals.dto';
import { PrincipalsService } from './principals.service';

const kind = 'officer';

@Controller('v1/officers')
export class OfficersController {
  constructor(private readonly principals: PrincipalsService) {}

  @Post()
  @Scopes('admin')
  @Idempotent()
  @ApiCreatedResponse({ type: OfficerResponse })
  async create(
    @Body() { officerId, ...order }: OfficerOrder,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OfficerResponse> {
    const officer = await this.principals.create({ ...order, kind, principalId: officerId }, caller);
    return viewOf(officer, reply);
  }

  @Get()
  @Scopes('catalog:read', 'admin')
  @ApiOkResponse({ type: OfficerPage })
  async list(@Query() query: PrincipalsQuery): Promise<OfficerPage> {
    const rows = await this.principals.list(kind, query);
    return pageOf(rows, query.limit, (row) => [row.principalId], OfficerResponse.from);
  }

  @Get(':officerId')
  @Scopes('catalog:read', 'admin')
  @ApiOkResponse({ type: OfficerResponse })
  async show(
    @Param('officerId') officerId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OfficerResponse> {
    return viewOf(await this.principals.show(kind, officerId), reply);
  }

  @Post(':officerId/suspend')
  @HttpCode(200)
  @Scopes('admin')
  @ApiOkResponse({ type: OfficerResponse })
  async suspend(
    @Param('officerId') officerId: string,
    @Body() { reason }: StatusOrder,
    @Headers('if-match') ifMatch: string | undefined,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OfficerResponse> {
    return viewOf(await this.principals.move('suspend', kind, officerId, reason, ifMatch, caller), reply);
  }

  @Post(':officerId/resume')
  @HttpCode(200)
  @Scopes('admin')
  @ApiOkResponse({ type: OfficerResponse })
  async resume(
    @Param('officerId') officerId: string,
    @Body() { reason }: StatusOrder,
    @Headers('if-match') ifMatch: string | undefined,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OfficerResponse> {
    return viewOf(await this.principals.move('resume', kind, officerId, reason, ifMatch, caller), reply);
  }
}

function viewOf(officer: Principal, reply: FastifyReply): OfficerResponse {
  void reply.header('etag', etagOf(officer.version));
  return OfficerResponse.from(officer);
}
