import { Idempotent, type Caller, CurrentCaller, pageOf, PageQuery, Scopes } from '@govbus/platform';
import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse } from '@nestjs/swagger';
import { NewUnit, UnitPage, UnitView } from './units.dto';
import { Units } from './units.service';

@Controller('v1/units')
export class UnitsController {
  constructor(private readonly units: Units) {}

  @Post()
  @Scopes('admin', 'cases:dispatch')
  @Idempotent()
  @ApiCreatedResponse({ type: UnitView })
  async create(@Body() unit: NewUnit, @CurrentCaller() caller: Caller): Promise<UnitView> {
    return UnitView.from(await this.units.create(unit, caller));
  }

  @Get()
  @Scopes('admin', 'cases:dispatch', 'cases:handle')
  @ApiOkResponse({ type: UnitPage })
  async list(@Query() query: PageQuery): Promise<UnitPage> {
    return pageOf(await this.units.list(query), query.limit, (unit) => [unit.unitId], UnitView.from);
  }
}
