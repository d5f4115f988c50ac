import { Module } from '@nestjs/common';
import { AgreementsModule } from '../agreements/agreements.module';
import { DatasetsModule } from '../datasets/datasets.module';
import { Retention } from '../retention/retention';
import { RetentionWorker } from '../retention/retention.worker';
import { LedgerOrigin } from './ledger-origin';
import { LedgerPeriods } from './ledger-periods';
import { LedgerWorker } from './ledger.worker';
import { LedgerWriter } from './ledger-writer';
import { UnreadableMessages } from './unreadable-messages';
import { UnreadableMessagesController } from './unreadable-messages.controller';

@Module({
  imports: [AgreementsModule, DatasetsModule],
  controllers: [UnreadableMessagesController],
  providers: [LedgerOrigin, LedgerPeriods, LedgerWriter, LedgerWorker, UnreadableMessages, Retention, RetentionWorker],
  exports: [LedgerPeriods, LedgerWriter],
})
export class LedgerModule {}
