import { Module } from '@nestjs/common';
import { CredentialsModule } from '../credentials/credentials.module';
import { DepartmentsModule } from '../departments/departments.module';
import { PrincipalsModule } from '../principals/principals.module';
import { BootstrapService } from './bootstrap.service';

@Module({ imports: [CredentialsModule, DepartmentsModule, PrincipalsModule], providers: [BootstrapService] })
export class BootstrapModule {}
