import { Module } from '@nestjs/common';
import { DatasetsModule } from '../datasets/datasets.module';
import { Keys } from '../delivery/keys';
import { Lenses } from '../delivery/lenses';
import { IngestModule } from '../ingest/ingest.module';
import { DeliveriesOfEvents } from './event-deliveries';
import { LedgerController } from './ledger.controller';
import { LedgerService } from './ledger.service';

/** What publishers ask the ledger: answered where they publish, by the role `ingest`. */
@Module({
  imports: [DatasetsModule, IngestModule],
  controllers: [LedgerController],
  // Keys and lenses hold nothing but what they compile: a second of each is no harm.
  providers: [DeliveriesOfEvents, Keys, Lenses, LedgerService],
})
export class LedgerStatusModule {}
