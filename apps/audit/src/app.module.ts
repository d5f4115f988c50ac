import { PlatformModule } from '@govbus/platform';
import { Module } from '@nestjs/common';
import { AppConfig } from './app.config';
import { entities, migrations } from './data-source';
import { EntriesController } from './entries/entries.controller';
import { EntriesService } from './entries/entries.service';
import { LogController } from './log/log.controller';
import { LogKeys } from './log/log-keys';
import { LogMetrics } from './log/log-metrics';
import { LogReader } from './log/log-reader';
import { LogWorker } from './log/log.worker';
import { LogWriter } from './log/log-writer';

@Module({
  imports: [PlatformModule.register({ service: 'audit', config: AppConfig, entities, migrations, registry: true })],
  controllers: [LogController, EntriesController],
  providers: [LogKeys, LogWriter, LogWorker, LogReader, LogMetrics, EntriesService],
})
export class AppModule {}
