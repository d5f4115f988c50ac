import { PlatformModule } from '@govbus/platform';
import { Module } from '@nestjs/common';
import { AgreementsModule } from './agreements/agreements.module';
import { AppConfig } from './app.config';
import { entities, migrations } from './data-source';
import { DatasetsModule } from './datasets/datasets.module';
import { DeliveryModule } from './delivery/delivery.module';
import { EnforcementModule } from './enforcement/enforcement.module';
import { IngestModule } from './ingest/ingest.module';
import { LedgerModule } from './ledger/ledger.module';
import { PolicyModule } from './policy/policy.module';
import { QueriesModule } from './queries/queries.module';
import { SubscriptionsModule } from './subscriptions/subscriptions.module';

@Module({
  imports: [
    PlatformModule.register({ service: 'exchange', config: AppConfig, entities, migrations, registry: true }),
    PolicyModule,
    EnforcementModule,
    DatasetsModule,
    AgreementsModule,
    IngestModule,
    LedgerModule,
    DeliveryModule,
    QueriesModule,
    SubscriptionsModule,
  ],
})
export class AppModule {}
