import { Module } from '@nestjs/common';
import { DeliveryModule } from '../delivery/delivery.module';
import { ExportFiles } from './export-files';
import { ExportWorker } from './export.worker';
import { ExportWriter } from './export-writer';
import { ExportsController } from './exports.controller';
import { ExportsService } from './exports.service';

@Module({
  imports: [DeliveryModule],
  controllers: [ExportsController],
  providers: [ExportFiles, ExportsService, ExportWorker, ExportWriter],
})
export class ExportsModule {}
