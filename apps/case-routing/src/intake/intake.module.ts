import { Module } from '@nestjs/common';
import { CasesModule } from '../cases/cases.module';
import { AccessToken } from './access-token';
import { ExchangeClient } from './exchange.client';
import { IntakeRecords } from './intake.service';
import { OutgoingHttp } from './outgoing-http';
import { IntakeWorker } from './intake.worker';

@Module({ imports: [CasesModule], providers: [OutgoingHttp, AccessToken, ExchangeClient, IntakeRecords, IntakeWorker] })
export class IntakeModule {}
