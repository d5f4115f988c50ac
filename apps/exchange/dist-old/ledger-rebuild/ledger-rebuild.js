"use strict";
var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
var __param = (this && this.__param) || function (paramIndex, decorator) {
    return function (target, key) { decorator(target, key, paramIndex); }
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.LedgerRebuild = void 0;
const contracts_1 = require("@govbus/contracts");
const messaging_1 = require("@govbus/messaging");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const core_1 = require("@nestjs/core");
const typeorm_1 = require("typeorm");
const agreement_consumer_1 = require("../agreements/agreement.consumer");
const app_config_1 = require("../app.config");
const dataset_consumer_1 = require("../datasets/dataset.consumer");
const ingest_route_1 = require("../ingest/ingest.route");
const ledger_origin_1 = require("../ledger/ledger-origin");
const ledger_writer_1 = require("../ledger/ledger-writer");
const ledger_rebuild_sql_1 = require("./ledger-rebuild.sql");
/** Who keeps the copies of what the registries say. */
const consumers = new Map([
    [contracts_1.DatasetRecord.type, dataset_consumer_1.DatasetConsumer],
    [contracts_1.AgreementRecord.type, agreement_consumer_1.AgreementConsumer],
    [contracts_1.DepartmentRecord.type, platform_1.DepartmentConsumer],
    [contracts_1.PrincipalRecord.type, platform_1.PrincipalConsumer],
]);
const registries = ['departments.registry', 'catalog.registry'];
/**
 * Writes the ledger again from `bus.events`, by the writer that wrote it first: the same order of messages gives each event
 * the position that it had. May be killed and run again; it goes on from the offsets that are stored with the events.
 */
let LedgerRebuild = class LedgerRebuild {
    config;
    db;
    writer;
    modules;
    audit;
    logger;
    cluster;
    constructor(config, db, writer, modules, audit, logger) {
        this.config = config;
        this.db = db;
        this.writer = writer;
        this.modules = modules;
        this.audit = audit;
        this.logger = logger;
        this.cluster = { brokers: config.brokers, clientId: 'exchange-rebuild' };
    }
    /**
     * Errors: `Conflict` `ledger.in-use` while a process writes the ledger or another rebuild runs; `Conflict`
     *   `ledger.incomplete` when Kafka has deleted messages that are missing, unless `acceptLoss`.
     */
    async run(options) {
        const rebuilt = await (0, platform_1.asOnlyOne)(this.db, ledger_origin_1.rebuildLock, () => this.rebuild(options));
        if (!rebuilt)
            throw inUse();
        return rebuilt;
    }
    async rebuild({ wipe, acceptLoss, onProgress, signal }) {
        if ((await (0, messaging_1.groupMembers)(this.cluster, this.config.LEDGER_GROUP)) > 0)
            throw inUse();
        const ranges = await (0, messaging_1.topicRanges)(this.cluster, ingest_route_1.BUS_TOPIC);
        const starts = await Promise.all(ranges.map((range) => this.startOf(range, wipe)));
        if (!acceptLoss && ranges.some(({ first }, i) => first > (starts[i] ?? 0n)))
            throw new contracts_1.Conflict('ledger.incomplete', `\`${ingest_route_1.BUS_TOPIC}\` no longer holds all that is missing in the ledger`);
        if (wipe)
            await this.empty();
        for (const topic of registries)
            await this.readRegistry(topic, signal);
        const missing = ranges.map(({ first, end }, i) => end - max(first, starts[i] ?? 0n));
        const total = Number(missing.reduce((sum, count) => sum + max(count, 0n), 0n));
        let done = 0;
        await this.replay(ingest_route_1.BUS_TOPIC, signal, async (partition, messages) => {
            await this.writer.write(ingest_route_1.BUS_TOPIC, partition, messages);
            done += messages.length;
            // What comes in meanwhile is read as well.
            onProgress(done, Math.max(done, total));
        });
        const { manager } = this.db;
        return { ...(await (0, ledger_rebuild_sql_1.totals)(ingest_route_1.BUS_TOPIC, manager)), inconsistent: await (0, ledger_rebuild_sql_1.inconsistentDatasets)(manager) };
    }
    async startOf({ partition }, wipe) {
        return wipe ? 0n : ((await this.writer.nextOffset(ingest_route_1.BUS_TOPIC, partition)) ?? 0n);
    }
    empty() {
        return this.db.transaction(async (tx) => {
            await (0, ledger_rebuild_sql_1.emptyLedger)(ingest_route_1.BUS_TOPIC, tx);
            const actor = (0, platform_1.serviceActor)('exchange');
            await this.audit.record({ action: 'administer', operation: 'ledger:wipe', outcome: 'done', actor }, tx);
        });
    }
    replay(topic, signal, onBatch) {
        const startAt = (partition) => this.writer.nextOffset(topic, partition);
        return (0, messaging_1.replayTopic)({ ...this.cluster, topic, log: (0, platform_1.logFunction)(this.logger), startAt, onBatch, signal });
    }
    // The writer needs each dataset's key; a database that was lost has no copies, and Kafka's group thinks they are read.
    readRegistry(topic, signal) {
        return this.replay(topic, signal, async (_, messages) => {
            for (const { value, offset } of messages)
                await this.apply(value, { topic, offset: String(offset) });
        });
    }
    async apply(value, place) {
        try {
            const message = JSON.parse(value?.toString('utf8') ?? 'null');
            const consumer = consumers.get(String(message?.type));
            if (consumer)
                await this.modules.get(consumer, { strict: false }).apply(message);
        }
        catch (error) {
            // The services parked it when it came; here it is passed over.
            if (!(error instanceof SyntaxError) && !(error instanceof contracts_1.DomainError && error.kind === 'invalid'))
                throw error;
            this.logger.warn(place, 'record of a registry not read');
        }
    }
};
exports.LedgerRebuild = LedgerRebuild;
exports.LedgerRebuild = LedgerRebuild = __decorate([
    (0, common_1.Injectable)(),
    __param(5, (0, common_1.Inject)(platform_1.LOGGER)),
    __metadata("design:paramtypes", [app_config_1.AppConfig, typeorm_1.DataSource, ledger_writer_1.LedgerWriter, core_1.ModuleRef, platform_1.Audit, Object])
], LedgerRebuild);
const inUse = () => new contracts_1.Conflict('ledger.in-use', 'a process writes the ledger, or died a moment ago: stop all with the role `ledger`');
const max = (a, b) => (a > b ? a : b);
//# sourceMappingURL=ledger-rebuild.js.map