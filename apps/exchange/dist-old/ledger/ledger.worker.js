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
exports.LedgerWorker = void 0;
const messaging_1 = require("@govbus/messaging");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const app_config_1 = require("../app.config");
const ingest_route_1 = require("../ingest/ingest.route");
const ledger_metrics_1 = require("../operations/ledger-metrics");
const gathering_1 = require("./gathering");
const ledger_writer_1 = require("./ledger-writer");
const maxPartitions = 64;
/** Reads `bus.events` into the ledger. Offsets are the database's, so a batch is written exactly once. */
let LedgerWorker = class LedgerWorker {
    config;
    writer;
    metrics;
    logger;
    reader;
    constructor(config, writer, metrics, logger) {
        this.config = config;
        this.writer = writer;
        this.metrics = metrics;
        this.logger = logger;
    }
    onApplicationBootstrap() {
        return this.start();
    }
    beforeApplicationShutdown() {
        return this.stop();
    }
    async start() {
        const gathering = new gathering_1.Gathering((parts) => this.metrics.batch(parts, () => this.writer.writeAll(ingest_route_1.BUS_TOPIC, parts)));
        this.reader = new messaging_1.BatchReader({
            brokers: this.config.brokers,
            clientId: 'exchange-ledger',
            groupId: this.config.LEDGER_GROUP,
            topic: ingest_route_1.BUS_TOPIC,
            // All that a fetch brought is gathered into few transactions.
            partitionsAtOnce: maxPartitions,
            log: (0, platform_1.logFunction)(this.logger),
            startAt: (partition) => this.writer.nextOffset(ingest_route_1.BUS_TOPIC, partition),
            onBatch: (partition, messages) => gathering.add({ partition, messages }),
        });
        this.metrics.follow(this.reader);
        await this.reader.start();
    }
    /** Waits for the batch that is being written. */
    async stop() {
        await this.reader?.stop();
        this.reader = undefined;
    }
};
exports.LedgerWorker = LedgerWorker;
exports.LedgerWorker = LedgerWorker = __decorate([
    (0, common_1.Injectable)(),
    __param(3, (0, common_1.Inject)(platform_1.LOGGER)),
    __metadata("design:paramtypes", [app_config_1.AppConfig, ledger_writer_1.LedgerWriter, ledger_metrics_1.LedgerMetrics, Object])
], LedgerWorker);
//# sourceMappingURL=ledger.worker.js.map