import { type Caller, CurrentCaller, etagOf, Idempotent, pageOf, Scopes } from '@govbus/platform';
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Department } from './department.entity';
import { DepartmentOrder, DepartmentPage, DepartmentResponse, DepartmentsQuery, StatusOrder } from './departments.dto';
import { DepartmentsService } from './departments.service';

@Controller('v1/departments')
export class DepartmentsController {
  constructor(private readonly departments: DepartmentsService) {}

  @Post()
  @Scopes('admin')
  @Idempotent()
  @ApiCreatedResponse({ type: DepartmentResponse })
  async create(
    @Body() order: DepartmentOrder,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DepartmentResponse> {
    return viewOf(await this.departments.create(order, caller), reply);
  }

  @Get()
  @Scopes('catalog:read', 'admin')
  @ApiOkResponse({ type: DepartmentPage })
  async list(@Query() query: DepartmentsQuery): Promise<DepartmentPage> {
    const rows = await this.departments.list(query);
    return pageOf(rows, query.limit, (row) => [row.departmentCode], DepartmentResponse.from);
  }

  @Get(':departmentCode')
  @Scopes('catalog:read', 'admin')
  @ApiOkResponse({ type: DepartmentResponse })
  async show(
    @Param('departmentCode') departmentCode: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DepartmentResponse> {
    return viewOf(await this.departments.show(departmentCode), reply);
  }

  @Post(':departmentCode/suspend')
  @HttpCode(200)
  @Scopes('admin')
  @ApiOkResponse({ type: DepartmentResponse })
  async suspend(
    @Param('departmentCode') departmentCode: string,
    @Body() { reason }: StatusOrder,
    @Headers('if-match') ifMatch: string | undefined,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DepartmentResponse> {
    return viewOf(await this.departments.move('suspend', departmentCode, reason, ifMatch, caller), reply);
  }

  @Post(':departmentCode/resume')
  @HttpCode(200)
  @Scopes('admin')
  @ApiOkResponse({ type: DepartmentResponse })
  async resume(
    @Param('departmentCode') departmentCode: string,
    @Body() { reason }: StatusOrder,
    @Headers('if-match') ifMatch: string | undefined,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DepartmentResponse> {
    return viewOf(await this.departments.move('resume', departmentCode, reason, ifMatch, caller), reply);
  }
}

function viewOf(department: Department, reply: FastifyReply): DepartmentResponse {
  void reply.header('etag', etagOf(department.version));
  return DepartmentResponse.from(department);
}
