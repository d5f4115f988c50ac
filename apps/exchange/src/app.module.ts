import { PlatformModule } from '@govbus/platform';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { AgreementsModule } from './agreements/agreements.module';
import { AppConfig } from './app.config';
import { entities, migrations } from './data-source';
import { DatasetsModule } from './datasets/datasets.module';
import { DeliveryModule } from './delivery/delivery.module';
import { EnforcementModule } from './enforcement/enforcement.module';
import { ExportsModule } from './exports/exports.module';
import { IngestModule } from './ingest/ingest.module';
import { LedgerModule } from './ledger/ledger.module';
import { LedgerStatusModule } from './ledger/ledger-status.module';
import { OperationsModule } from './operations/operations.module';
import { PolicyModule } from './policy/policy.module';
import { QueriesModule } from './queries/queries.module';
import type { Role } from './roles';
import { SubscriptionsModule } from './subscriptions/subscriptions.module';

/** What belongs to every process: the copies that decisions are made from, and their consumers. */
const common = [PolicyModule, OperationsModule, EnforcementModule, DatasetsModule, AgreementsModule];
const modulesOf: Record<Role, Type[]> = {
  ingest: [IngestModule, LedgerStatusModule],
  ledger: [LedgerModule],
  delivery: [DeliveryModule, QueriesModule, ExportsModule, SubscriptionsModule],
};

@Module({})
export class AppModule {
  /** Routes and workers of the roles of this process; the others are not there. */
  static forSettings({ roles }: AppConfig): DynamicModule {
    const platform = { service: 'exchange', config: AppConfig, entities, migrations, registry: true };
    return {
      module: AppModule,
      imports: [PlatformModule.register(platform), ...common, ...roles.flatMap((role) => modulesOf[role])],
    };
  }
}
