import { Module } from '@nestjs/common';
import { GridBody } from './grid-body';
import { GridsController } from './grids.controller';
import { GridsService } from './grids.service';

@Module({ controllers: [GridsController], providers: [GridBody, GridsService] })
export class GridsModule {}
