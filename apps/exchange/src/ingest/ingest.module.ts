import { Module } from '@nestjs/common';
import { DatasetsModule } from '../datasets/datasets.module';
import { Acceptance } from './acceptance';
import { EventStream } from './event-stream';
import { HeldBytes } from './held-bytes';
import { InboxIntake } from './inbox-intake';
import { InboxWorker } from './inbox.worker';
import { IngestLimits } from './ingest-limits';
import { IngestVolumes } from './ingest-volumes';
import { IngestRoute } from './ingest.route';
import { Publication } from './publication';
import { PublishDecisions } from './publish-decisions';
import { RecentAcceptances } from './recent-acceptances';
import { Refusals } from './refusals';
import { RepeatedRequests } from './repeated-requests';

@Module({
  imports: [DatasetsModule],
  providers: [
    Acceptance,
    EventStream,
    HeldBytes,
    InboxIntake,
    InboxWorker,
    IngestLimits,
    IngestRoute,
    IngestVolumes,
    Publication,
    RecentAcceptances,
    RepeatedRequests,
    PublishDecisions,
    Refusals,
  ],
  exports: [PublishDecisions, RecentAcceptances],
})
export class IngestModule {}
