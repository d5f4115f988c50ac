import { PlatformModule } from '@govbus/platform';
import { Module } from '@nestjs/common';
import { AppConfig } from './app.config';
import { BootstrapModule } from './bootstrap/bootstrap.module';
import { CredentialsModule } from './credentials/credentials.module';
import { entities, migrations } from './data-source';
import { DepartmentsModule } from './departments/departments.module';
import { GridsModule } from './grids/grids.module';
import { IssuerModule } from './issuer/issuer.module';
import { PrincipalsModule } from './principals/principals.module';

@Module({
  imports: [
    // No registry copy: this service owns the registry.
    PlatformModule.register({ service: 'departments', config: AppConfig, entities, migrations, registry: false }),
    DepartmentsModule,
    PrincipalsModule,
    CredentialsModule,
    GridsModule,
    IssuerModule,
    BootstrapModule,
  ],
})
export class AppModule {}
