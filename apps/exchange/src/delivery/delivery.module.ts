import { Module } from '@nestjs/common';
import { AgreementsModule } from '../agreements/agreements.module';
import { DeliveryMetrics } from '../operations/delivery-metrics';
import { DeadLettersController } from './dead-letters.controller';
import { DeadLettersService } from './dead-letters.service';
import { Disclosures } from './disclosure';
import { Keys } from './keys';
import { LedgerBlocks } from './ledger-blocks';
import { Lenses } from './lenses';
import { PullController } from './pull.controller';
import { PullService } from './pull.service';
import { ReceiveDecisions } from './receive-decisions';
import { ShareWorker } from './share.worker';
import { ShareDelivery } from './share-delivery';
import { ShareSender } from './share-sender';
import { ShareTopics } from './share-topics';
import { SseController } from './sse.controller';
import { SseStreams } from './sse-streams';
import { Waiters } from './waiters';
import { WebhookDelivery } from './webhook-delivery';
import { WebhookKeyed } from './webhook-keyed';
import { WebhookPages } from './webhook-pages';
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
    LedgerBlocks,
    Lenses,
    PullService,
    ReceiveDecisions,
    ShareDelivery,
    ShareSender,
    ShareTopics,
    ShareWorker,
    SseStreams,
    Waiters,
    WebhookDelivery,
    WebhookKeyed,
    WebhookPages,
    WebhookSender,
    WebhookWorker,
  ],
  exports: [Disclosures, Keys, ReceiveDecisions],
})
export class DeliveryModule {}
