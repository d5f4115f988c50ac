import { PlatformModule } from '@govbus/platform';
import { Module } from '@nestjs/common';
import { AgreementsModule } from './agreements/agreements.module';
import { AppConfig } from './app.config';
import { entities, migrations } from './data-source';
import { DatasetsModule } from './datasets/datasets.module';
import { PolicyModule } from './policy/policy.module';

@Module({
  imports: [
    PlatformModule.register({ service: 'data-catalog', config: AppConfig, entities, migrations, registry: true }),
    PolicyModule,
    DatasetsModule,
    AgreementsModule,
  ],
})
export class AppModule {}
