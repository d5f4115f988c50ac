import { Module } from '@nestjs/common';
import { DatasetConsumer } from './dataset.consumer';
import { Datasets } from './datasets';

@Module({ controllers: [DatasetConsumer], providers: [Datasets], exports: [Datasets] })
export class DatasetsModule {}
