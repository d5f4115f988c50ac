import { PlatformModule } from '@govbus/platform';
import { Module } from '@nestjs/common';
import { AgreementsModule } from './agreements/agreements.module';
import { AppConfig } from './app.config';
import { CasesModule } from './cases/cases.module';
import { entities, migrations } from './data-source';
import { DatasetsModule } from './datasets/datasets.module';
import { DirectoryModule } from './directory/directory.module';
import { GridsModule } from './grids/grids.module';
import { IntakeModule } from './intake/intake.module';
import { UnitsModule } from './units/units.module';

@Module({
  imports: [
    PlatformModule.register({ service: 'case-routing', config: AppConfig, entities, migrations, registry: true }),
    GridsModule,
    DatasetsModule,
    AgreementsModule,
    UnitsModule,
    DirectoryModule,
    CasesModule,
    IntakeModule,
  ],
})
export class AppModule {}
