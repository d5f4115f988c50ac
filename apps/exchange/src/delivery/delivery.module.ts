import { Module } from '@nestjs/common';
import { AgreementsModule } from '../agreements/agreements.module';
import { DeliveryMetrics } from '../operations/delivery-metrics';
import { DeadLettersController } from './dead-letters.controller';
import { DeadLettersService } from './dead-letters.service';
import { Disclosures } from './disclosure';
import { Keys } from './keys';
import { Lenses } from './lenses';
import { PullController } from './pull.controller';
import { PullService } from './pull.service';
import { ReceiveDecisions } from './receive-decisions';
import { SseController } from './sse.controller';
import { SseStreams } from './sse-streams';
import { Waiters } from './waiters';
import { WebhookDelivery } from './webhook-delivery';
import { WebhookSender } from './webhook-sender';
import { WebhookWorker } from './webhook.worker';

@Module({
  imports: [AgreementsModule],
  controllers: [DeadLettersController, PullController, SseController],
  providers: [
    DeadLettersService,
    DeliveryMetrics,
    Disclosures,
    Keys,
    Lenses,
    PullService,
    ReceiveDecisions,
    SseStreams,
    Waiters,
    WebhookDelivery,
    WebhookSender,
    WebhookWorker,
  ],
  exports: [Disclosures, Keys, ReceiveDecisions],
})
export class DeliveryModule {}
