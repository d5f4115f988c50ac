import { Module } from '@nestjs/common';
import { SubscriptionStops } from '../subscriptions/subscription-stops';
import { AgreementConsumer } from './agreement.consumer';

@Module({ controllers: [AgreementConsumer], providers: [SubscriptionStops] })
export class AgreementsModule {}
