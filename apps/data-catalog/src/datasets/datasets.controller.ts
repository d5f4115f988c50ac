import { type Caller, CurrentCaller, etagOf, Idempotent, pageOf, Scopes } from '@govbus/platform';
import { Body, Controller, Get, Headers, Param, ParseIntPipe, Patch, Post, Put, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Dataset } from './dataset.entity';
import {
  DatasetChange,
  DatasetOrder,
  DatasetPage,
  DatasetResponse,
  DatasetsQuery,
  LegalHoldOrder,
  SchemaOrder,
  SchemaResponse,
} from './datasets.dto';
import { DatasetsService } from './datasets.service';

@Controller('v1/datasets')
export class DatasetsController {
  constructor(private readonly datasets: DatasetsService) {}

  @Post()
  @Scopes('catalog:write')
  @Idempotent()
  @ApiCreatedResponse({ type: DatasetResponse })
  async create(
    @Body() order: DatasetOrder,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DatasetResponse> {
    return viewOf(await this.datasets.create(order, caller), reply);
  }

  @Get()
  @Scopes('catalog:read', 'catalog:write')
  @ApiOkResponse({ type: DatasetPage })
  async list(@Query() query: DatasetsQuery): Promise<DatasetPage> {
    return pageOf(await this.datasets.list(query), query.limit, (row) => [row.datasetId], DatasetResponse.from);
  }

  @Get(':datasetId')
  @Scopes('catalog:read', 'catalog:write')
  @ApiOkResponse({ type: DatasetResponse })
  async show(
    @Param('datasetId') datasetId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DatasetResponse> {
    return viewOf(await this.datasets.show(datasetId), reply);
  }

  @Patch(':datasetId')
  @Scopes('catalog:write')
  @ApiOkResponse({ type: DatasetResponse })
  async change(
    @Param('datasetId') datasetId: string,
    @Body() change: DatasetChange,
    @Headers('if-match') ifMatch: string | undefined,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DatasetResponse> {
    return viewOf(await this.datasets.change(datasetId, change, ifMatch, caller), reply);
  }

  /** Sets or lifts the legal hold; saying again what is so changes nothing. */
  @Put(':datasetId/legal-hold')
  @Scopes('catalog:write')
  @ApiOkResponse({ type: DatasetResponse })
  async hold(
    @Param('datasetId') datasetId: string,
    @Body() order: LegalHoldOrder,
    @Headers('if-match') ifMatch: string | undefined,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DatasetResponse> {
    return viewOf(await this.datasets.hold(datasetId, order, ifMatch, caller), reply);
  }

  @Post(':datasetId/schemas')
  @Scopes('catalog:write')
  @Idempotent()
  @ApiCreatedResponse({ type: SchemaResponse })
  async addSchema(
    @Param('datasetId') datasetId: string,
    @Body() { schema }: SchemaOrder,
    @CurrentCaller() caller: Caller,
  ): Promise<SchemaResponse> {
    return SchemaResponse.from(await this.datasets.addSchema(datasetId, schema, caller));
  }

  @Get(':datasetId/schemas/:schemaVersion')
  @Scopes('catalog:read', 'catalog:write')
  @ApiOkResponse({ type: SchemaResponse })
  async showSchema(
    @Param('datasetId') datasetId: string,
    @Param('schemaVersion', ParseIntPipe) schemaVersion: number,
  ): Promise<SchemaResponse> {
    return SchemaResponse.from(await this.datasets.showSchema(datasetId, schemaVersion));
  }
}

function viewOf(dataset: Dataset, reply: FastifyReply): DatasetResponse {
  void reply.header('etag', etagOf(dataset.version));
  return DatasetResponse.from(dataset);
}
