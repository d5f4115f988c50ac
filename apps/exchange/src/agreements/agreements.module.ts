import { Module } from '@nestjs/common';
import { SubscriptionStops } from '../subscriptions/subscription-stops';
import { AgreementConsumer } from './agreement.consumer';
import { RegistryWatch } from './registry-watch';

@Module({ controllers: [AgreementConsumer], providers: [RegistryWatch, SubscriptionStops], exports: [RegistryWatch] })
export class AgreementsModule {}
