import { AgreementCopy } from './agreements/agreement.entity';
import { DatasetCopy } from './datasets/dataset.entity';
import { ExportJob } from './exports/export-job.entity';
import { CreateCopies1796000000000 } from './migrations/1796000000000-create-copies';
import { CreateLedger1796000000001 } from './migrations/1796000000001-create-ledger';
import { CreateSubscriptions1796000000002 } from './migrations/1796000000002-create-subscriptions';
import { CreateRegistryWatch1796000000003 } from './migrations/1796000000003-create-registry-watch';
import { CreateSeek1796000000010 } from './migrations/1796000000010-create-seek';
import { CreateWebhookSettings1796000000011 } from './migrations/1796000000011-create-webhook-settings';
import { CreateDeadLetters1796000000012 } from './migrations/1796000000012-create-dead-letters';
import { CreateFilters1796000000013 } from './migrations/1796000000013-create-filters';
import { WidenDisclosures1796000000020 } from './migrations/1796000000020-widen-disclosures';
import { CreateExports1796000000021 } from './migrations/1796000000021-create-exports';
import { CreateShareTopics1796000000030 } from './migrations/1796000000030-create-share-topics';
import { ExtendWebhooks1796000000035 } from './migrations/1796000000035-extend-webhooks';
import { CreateCircuits1796000000036 } from './migrations/1796000000036-create-circuits';
import { CreateOutages1796000000037 } from './migrations/1796000000037-create-outages';
import { CreateIngestVolumes1796000000040 } from './migrations/1796000000040-create-ingest-volumes';
import { IndexDisclosures1796000000041 } from './migrations/1796000000041-index-disclosures';
import { PartitionEvents1796000000050 } from './migrations/1796000000050-partition-events';
import { CreateTombstones1796000000051 } from './migrations/1796000000051-create-tombstones';
import { CreateRetention1796000000052 } from './migrations/1796000000052-create-retention';
import { CreateEnforcement1796000000060 } from './migrations/1796000000060-create-enforcement';
import { CreateDuplicates1796000000061 } from './migrations/1796000000061-create-duplicates';
import { IdentifyWithinDatasets1796000000062 } from './migrations/1796000000062-identify-within-datasets';
import { RequireWebhookUrls1796000000070 } from './migrations/1796000000070-require-webhook-urls';
import { IndexOldDisclosures1796000000080 } from './migrations/1796000000080-index-old-disclosures';
import { IndexExports1796000000090 } from './migrations/1796000000090-index-exports';
import { KeepRetentionPlace1796000000100 } from './migrations/1796000000100-keep-retention-place';
import { IndexExpiringExports1796000000101 } from './migrations/1796000000101-index-expiring-exports';
import { MarkLedgerTimes1796000000110 } from './migrations/1796000000110-mark-ledger-times';
import { IndexConflicts1796000000115 } from './migrations/1796000000115-index-conflicts';
import { TellOfRebuilds1796000000120 } from './migrations/1796000000120-tell-of-rebuilds';
import { AddWebhookPublicKeys1796000000121 } from './migrations/1796000000121-add-webhook-public-keys';
import { Subscription } from './subscriptions/subscription.entity';

export const entities = [AgreementCopy, DatasetCopy, ExportJob, Subscription];
export const migrations = [
  CreateCopies1796000000000,
  CreateLedger1796000000001,
  CreateSubscriptions1796000000002,
  CreateRegistryWatch1796000000003,
  CreateSeek1796000000010,
  CreateWebhookSettings1796000000011,
  CreateDeadLetters1796000000012,
  CreateFilters1796000000013,
  WidenDisclosures1796000000020,
  CreateExports1796000000021,
  CreateShareTopics1796000000030,
  ExtendWebhooks1796000000035,
  CreateCircuits1796000000036,
  CreateOutages1796000000037,
  CreateIngestVolumes1796000000040,
  IndexDisclosures1796000000041,
  PartitionEvents1796000000050,
  CreateTombstones1796000000051,
  CreateRetention1796000000052,
  CreateEnforcement1796000000060,
  CreateDuplicates1796000000061,
  IdentifyWithinDatasets1796000000062,
  RequireWebhookUrls1796000000070,
  IndexOldDisclosures1796000000080,
  IndexExports1796000000090,
  KeepRetentionPlace1796000000100,
  IndexExpiringExports1796000000101,
  MarkLedgerTimes1796000000110,
  IndexConflicts1796000000115,
  TellOfRebuilds1796000000120,
  AddWebhookPublicKeys1796000000121,
];
