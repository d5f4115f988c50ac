import { Decisions } from '@govbus/policy';
import { Module } from '@nestjs/common';
import { DirectoryModule } from '../directory/directory.module';
import { GridsModule } from '../grids/grids.module';
import { CasesController } from './cases.controller';
import { CaseDecisions } from './case.decisions';
import { Cases } from './cases.service';
import { ReroutingWorker } from './rerouting.worker';
import { Router } from './router.service';

@Module({
  imports: [GridsModule, DirectoryModule],
  controllers: [CasesController],
  providers: [{ provide: Decisions, useFactory: () => new Decisions() }, Cases, CaseDecisions, Router, ReroutingWorker],
  exports: [Cases, Router, ReroutingWorker],
})
export class CasesModule {}
