import { Module } from '@nestjs/common';
import { DatasetsModule } from '../datasets/datasets.module';
import { Acceptance } from './acceptance';
import { EventStream } from './event-stream';
import { InboxIntake } from './inbox-intake';
import { InboxWorker } from './inbox.worker';
import { IngestLimits } from './ingest-limits';
import { IngestVolumes } from './ingest-volumes';
import { IngestRoute } from './ingest.route';
import { Publication } from './publication';
import { PublishDecisions } from './publish-decisions';
import { Refusals } from './refusals';

@Module({
  imports: [DatasetsModule],
  providers: [
    Acceptance,
    EventStream,
    InboxIntake,
    InboxWorker,
    IngestLimits,
    IngestRoute,
    IngestVolumes,
    Publication,
    PublishDecisions,
    Refusals,
  ],
  exports: [PublishDecisions],
})
export class IngestModule {}
