import { Module } from '@nestjs/common';
import { DatasetsModule } from '../datasets/datasets.module';
import { LedgerController } from './ledger.controller';
import { LedgerPeriods } from './ledger-periods';
import { LedgerService } from './ledger.service';
import { LedgerWorker } from './ledger.worker';
import { LedgerWriter } from './ledger-writer';

@Module({
  imports: [DatasetsModule],
  controllers: [LedgerController],
  providers: [LedgerService, LedgerPeriods, LedgerWriter, LedgerWorker],
  exports: [LedgerPeriods, LedgerWriter],
})
export class LedgerModule {}
