import { Module } from '@nestjs/common';
import { DatasetsModule } from '../datasets/datasets.module';
import { LedgerController } from './ledger.controller';
import { LedgerService } from './ledger.service';
import { LedgerWorker } from './ledger.worker';
import { LedgerWriter } from './ledger-writer';

@Module({
  imports: [DatasetsModule],
  controllers: [LedgerController],
  providers: [LedgerService, LedgerWriter, LedgerWorker],
})
export class LedgerModule {}
