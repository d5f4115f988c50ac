import { Module } from '@nestjs/common';
import { DeliveryModule } from '../delivery/delivery.module';
import { QueriesController } from './queries.controller';
import { QueriesService } from './queries.service';

@Module({ imports: [DeliveryModule], controllers: [QueriesController], providers: [QueriesService] })
export class QueriesModule {}
