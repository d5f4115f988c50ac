import { Module } from '@nestjs/common';
import { DatasetConsumer } from './dataset.consumer';

@Module({ controllers: [DatasetConsumer] })
export class DatasetsModule {}
