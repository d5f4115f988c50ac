import { Module } from '@nestjs/common';
import { DatasetsModule } from '../datasets/datasets.module';
import { IngestModule } from '../ingest/ingest.module';
import { LedgerController } from './ledger.controller';
import { LedgerService } from './ledger.service';

/** What publishers ask the ledger: answered where they publish, by the role `ingest`. */
@Module({ imports: [DatasetsModule, IngestModule], controllers: [LedgerController], providers: [LedgerService] })
export class LedgerStatusModule {}
