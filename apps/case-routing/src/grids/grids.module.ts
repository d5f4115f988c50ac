import { Module } from '@nestjs/common';
import { GridCellConsumer } from './grid-cell.consumer';
import { Grids } from './grids.service';

@Module({ controllers: [GridCellConsumer], providers: [Grids], exports: [Grids] })
export class GridsModule {}
