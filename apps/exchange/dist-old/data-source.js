"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.migrations = exports.entities = void 0;
const agreement_entity_1 = require("./agreements/agreement.entity");
const dataset_entity_1 = require("./datasets/dataset.entity");
const export_job_entity_1 = require("./exports/export-job.entity");
const _1796000000000_create_copies_1 = require("./migrations/1796000000000-create-copies");
const _1796000000001_create_ledger_1 = require("./migrations/1796000000001-create-ledger");
const _1796000000002_create_subscriptions_1 = require("./migrations/1796000000002-create-subscriptions");
const _1796000000003_create_registry_watch_1 = require("./migrations/1796000000003-create-registry-watch");
const _1796000000010_create_seek_1 = require("./migrations/1796000000010-create-seek");
const _1796000000011_create_webhook_settings_1 = require("./migrations/1796000000011-create-webhook-settings");
const _1796000000012_create_dead_letters_1 = require("./migrations/1796000000012-create-dead-letters");
const _1796000000013_create_filters_1 = require("./migrations/1796000000013-create-filters");
const _1796000000020_widen_disclosures_1 = require("./migrations/1796000000020-widen-disclosures");
const _1796000000021_create_exports_1 = require("./migrations/1796000000021-create-exports");
const _1796000000030_create_share_topics_1 = require("./migrations/1796000000030-create-share-topics");
const _1796000000035_extend_webhooks_1 = require("./migrations/1796000000035-extend-webhooks");
const _1796000000036_create_circuits_1 = require("./migrations/1796000000036-create-circuits");
const _1796000000037_create_outages_1 = require("./migrations/1796000000037-create-outages");
const _1796000000040_create_ingest_volumes_1 = require("./migrations/1796000000040-create-ingest-volumes");
const _1796000000041_index_disclosures_1 = require("./migrations/1796000000041-index-disclosures");
const _1796000000050_partition_events_1 = require("./migrations/1796000000050-partition-events");
const _1796000000051_create_tombstones_1 = require("./migrations/1796000000051-create-tombstones");
const _1796000000052_create_retention_1 = require("./migrations/1796000000052-create-retention");
const _1796000000060_create_enforcement_1 = require("./migrations/1796000000060-create-enforcement");
const subscription_entity_1 = require("./subscriptions/subscription.entity");
exports.entities = [agreement_entity_1.AgreementCopy, dataset_entity_1.DatasetCopy, export_job_entity_1.ExportJob, subscription_entity_1.Subscription];
exports.migrations = [
    _1796000000000_create_copies_1.CreateCopies1796000000000,
    _1796000000001_create_ledger_1.CreateLedger1796000000001,
    _1796000000002_create_subscriptions_1.CreateSubscriptions1796000000002,
    _1796000000003_create_registry_watch_1.CreateRegistryWatch1796000000003,
    _1796000000010_create_seek_1.CreateSeek1796000000010,
    _1796000000011_create_webhook_settings_1.CreateWebhookSettings1796000000011,
    _1796000000012_create_dead_letters_1.CreateDeadLetters1796000000012,
    _1796000000013_create_filters_1.CreateFilters1796000000013,
    _1796000000020_widen_disclosures_1.WidenDisclosures1796000000020,
    _1796000000021_create_exports_1.CreateExports1796000000021,
    _1796000000030_create_share_topics_1.CreateShareTopics1796000000030,
    _1796000000035_extend_webhooks_1.ExtendWebhooks1796000000035,
    _1796000000036_create_circuits_1.CreateCircuits1796000000036,
    _1796000000037_create_outages_1.CreateOutages1796000000037,
    _1796000000040_create_ingest_volumes_1.CreateIngestVolumes1796000000040,
    _1796000000041_index_disclosures_1.IndexDisclosures1796000000041,
    _1796000000050_partition_events_1.PartitionEvents1796000000050,
    _1796000000051_create_tombstones_1.CreateTombstones1796000000051,
    _1796000000052_create_retention_1.CreateRetention1796000000052,
    _1796000000060_create_enforcement_1.CreateEnforcement1796000000060,
];
//# sourceMappingURL=data-source.js.map