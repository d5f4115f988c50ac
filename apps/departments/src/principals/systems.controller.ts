import { type Caller, CurrentCaller, etagOf, Idempotent, pageOf, Scopes } from '@govbus/platform';
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { StatusOrder } from '../departments/departments.dto';
import type { Principal } from './principal.entity';
import { SystemOrder, SystemPage, SystemResponse, PrincipalsQuery } from './principals.dto';
import { PrincipalsService } from './principals.service';

const kind = 'system';

@Controller('v1/systems')
export class SystemsController {
  constructor(private readonly principals: PrincipalsService) {}

  @Post()
  @Scopes('admin')
  @Idempotent()
  @ApiCreatedResponse({ type: SystemResponse })
  async create(
    @Body() { systemId, ...order }: SystemOrder,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SystemResponse> {
    const system = await this.principals.create({ ...order, kind, principalId: systemId, roles: [] }, caller);
    return viewOf(system, reply);
  }

  @Get()
  @Scopes('catalog:read', 'admin')
  @ApiOkResponse({ type: SystemPage })
  async list(@Query() query: PrincipalsQuery): Promise<SystemPage> {
    const rows = await this.principals.list(kind, query);
    return pageOf(rows, query.limit, (row) => [row.principalId], SystemResponse.from);
  }

  @Get(':systemId')
  @Scopes('catalog:read', 'admin')
  @ApiOkResponse({ type: SystemResponse })
  async show(
    @Param('systemId') systemId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SystemResponse> {
    return viewOf(await this.principals.show(kind, systemId), reply);
  }

  @Post(':systemId/suspend')
  @HttpCode(200)
  @Scopes('admin')
  @ApiOkResponse({ type: SystemResponse })
  async suspend(
    @Param('systemId') systemId: string,
    @Body() { reason }: StatusOrder,
    @Headers('if-match') ifMatch: string | undefined,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SystemResponse> {
    return viewOf(await this.principals.move('suspend', kind, systemId, reason, ifMatch, caller), reply);
  }

  @Post(':systemId/resume')
  @HttpCode(200)
  @Scopes('admin')
  @ApiOkResponse({ type: SystemResponse })
  async resume(
    @Param('systemId') systemId: string,
    @Body() { reason }: StatusOrder,
    @Headers('if-match') ifMatch: string | undefined,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SystemResponse> {
    return viewOf(await this.principals.move('resume', kind, systemId, reason, ifMatch, caller), reply);
  }
}

function viewOf(system: Principal, reply: FastifyReply): SystemResponse {
  void reply.header('etag', etagOf(system.version));
  return SystemResponse.from(system);
}
