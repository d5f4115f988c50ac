import { Module } from '@nestjs/common';
import { DatasetsModule } from '../datasets/datasets.module';
import { Retention } from '../retention/retention';
import { RetentionWorker } from '../retention/retention.worker';
import { LedgerPeriods } from './ledger-periods';
import { LedgerWorker } from './ledger.worker';
import { LedgerWriter } from './ledger-writer';

@Module({
  imports: [DatasetsModule],
  providers: [LedgerPeriods, LedgerWriter, LedgerWorker, Retention, RetentionWorker],
  exports: [LedgerPeriods, LedgerWriter],
})
export class LedgerModule {}
