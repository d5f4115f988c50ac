import { type Caller, CurrentCaller, etagOf, Idempotent, pageOf, Scopes } from '@govbus/platform';
import { Body, Controller, Get, Headers, Param, Post, Put, Query, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { maxGridBytes } from './grid-body';
import { CellsQuery, GridCellPage, GridCellResponse, GridImportResponse, GridOrder, GridResponse } from './grids.dto';
import { GridsService } from './grids.service';

@Controller('v1/grids')
export class GridsController {
  constructor(private readonly grids: GridsService) {}

  @Post()
  @Scopes('admin')
  @Idempotent()
  @ApiCreatedResponse({ type: GridResponse })
  async create(
    @Body() order: GridOrder,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<GridResponse> {
    const grid = await this.grids.create(order, caller);
    void reply.header('etag', etagOf(grid.version));
    return GridResponse.from(grid);
  }

  @Put(':gridId/cells')
  @Scopes('admin')
  @RouteConfig({ bodyLimit: maxGridBytes })
  @ApiBody({ description: 'GeoJSON FeatureCollection', schema: { type: 'object', additionalProperties: true } })
  @ApiOkResponse({ type: GridImportResponse })
  async import(
    @Param('gridId') gridId: string,
    @Body() body: unknown,
    @Headers('if-match') ifMatch: string | undefined,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<GridImportResponse> {
    const { version, counts } = await this.grids.import(gridId, body, ifMatch, caller);
    void reply.header('etag', etagOf(version));
    return counts;
  }

  @Get(':gridId/cells')
  @Scopes('catalog:read', 'cases:dispatch', 'cases:handle', 'admin')
  @ApiOperation({ operationId: 'listGridCells', summary: 'List grid cells' })
  @ApiOkResponse({ type: GridCellPage })
  async cells(@Param('gridId') gridId: string, @Query() query: CellsQuery): Promise<GridCellPage> {
    const rows = await this.grids.cells(gridId, query);
    return pageOf(rows, query.limit, (row) => [row.cellId], GridCellResponse.from);
  }
}
