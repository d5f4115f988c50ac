import { PlatformModule } from '@govbus/platform';
import { Module } from '@nestjs/common';
import { AgreementsModule } from '../agreements/agreements.module';
import { AppConfig } from '../app.config';
import { entities, migrations } from '../data-source';
import { DatasetsModule } from '../datasets/datasets.module';
import { LedgerOrigin, RebuildOrigin } from '../ledger/ledger-origin';
import { LedgerPeriods } from '../ledger/ledger-periods';
import { LedgerWriter } from '../ledger/ledger-writer';
import { LedgerRebuild } from './ledger-rebuild';

/** The exchange as far as a rebuild of the ledger needs it: nothing listens, nothing is delivered. */
@Module({
  imports: [
    PlatformModule.register({ service: 'exchange', config: AppConfig, entities, migrations, registry: true }),
    DatasetsModule,
    AgreementsModule,
  ],
  providers: [{ provide: LedgerOrigin, useClass: RebuildOrigin }, LedgerPeriods, LedgerWriter, LedgerRebuild],
})
export class LedgerRebuildModule {}
