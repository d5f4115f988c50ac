import { Module } from '@nestjs/common';
import { DatasetsModule } from '../datasets/datasets.module';
import { LedgerPeriods } from './ledger-periods';
import { LedgerWorker } from './ledger.worker';
import { LedgerWriter } from './ledger-writer';

@Module({
  imports: [DatasetsModule],
  providers: [LedgerPeriods, LedgerWriter, LedgerWorker],
  exports: [LedgerPeriods, LedgerWriter],
})
export class LedgerModule {}
