import { Module } from '@nestjs/common';
import { DatasetsModule } from '../datasets/datasets.module';
import { DeliveryModule } from '../delivery/delivery.module';
import { OutagesModule } from '../outages/outages.module';
import { RecipientsController } from './recipients.controller';
import { RecipientsService } from './recipients.service';
import { SubscriptionsController } from './subscriptions.controller';
import { SubscriptionsService } from './subscriptions.service';

@Module({
  imports: [DatasetsModule, DeliveryModule, OutagesModule],
  controllers: [RecipientsController, SubscriptionsController],
  providers: [RecipientsService, SubscriptionsService],
})
export class SubscriptionsModule {}
