import { Module } from '@nestjs/common';
import { Disclosures } from './disclosure';
import { Keys } from './keys';
import { Lenses } from './lenses';
import { PullController } from './pull.controller';
import { PullService } from './pull.service';
import { ReceiveDecisions } from './receive-decisions';
import { WebhookDelivery } from './webhook-delivery';
import { WebhookSender } from './webhook-sender';
import { WebhookWorker } from './webhook.worker';

@Module({
  controllers: [PullController],
  providers: [Disclosures, Keys, Lenses, PullService, ReceiveDecisions, WebhookDelivery, WebhookSender, WebhookWorker],
  exports: [Keys, ReceiveDecisions],
})
export class DeliveryModule {}
