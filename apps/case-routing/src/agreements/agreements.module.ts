import { Module } from '@nestjs/common';
import { AgreementConsumer } from './agreement.consumer';

@Module({ controllers: [AgreementConsumer] })
export class AgreementsModule {}
