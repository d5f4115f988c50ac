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
exports.ExportWorker = void 0;
const node_crypto_1 = require("node:crypto");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const agreement_consumer_1 = require("../agreements/agreement.consumer");
const export_writer_1 = require("./export-writer");
const exports_sql_1 = require("./exports.sql");
const exports_service_1 = require("./exports.service");
const pollMs = 1_000;
/** Few: exports may wait, what is delivered by the event may not. */
const maxAtOnce = 2;
/** How long it is known what became of an export. */
const keptMs = 30 * 24 * 3_600_000;
/**
 * Leases exports and has each written, and takes away the files that may no longer be had. Woken by a new export and by
 * every change of an agreement, and each second for what another process left behind.
 */
let ExportWorker = class ExportWorker {
    db;
    changes;
    writer;
    audit;
    clock;
    logger;
    owner = (0, node_crypto_1.randomUUID)();
    running = new Map();
    timer;
    turn;
    isAwake = false;
    isStopping = false;
    constructor(db, changes, writer, audit, clock, logger) {
        this.db = db;
        this.changes = changes;
        this.writer = writer;
        this.audit = audit;
        this.clock = clock;
        this.logger = logger;
    }
    async onApplicationBootstrap() {
        const wake = () => this.wake();
        await this.changes.on(exports_service_1.EXPORTS_WANTED, wake, wake);
        // What waits for its limits or a retry learns at once that its agreement ended (P5).
        await this.changes.on(agreement_consumer_1.AGREEMENTS_CHANGED, (agreementId) => void (0, exports_sql_1.hurryExports)(agreementId, this.db.manager).then(wake, (err) => this.logger.error({ err, agreementId }, 'exports not hurried')), wake);
        this.timer = setInterval(wake, pollMs);
        this.wake();
    }
    async beforeApplicationShutdown() {
        this.isStopping = true;
        clearInterval(this.timer);
        await this.turn;
        await Promise.all(this.running.values());
    }
    wake() {
        this.isAwake = true;
        if (this.isStopping || this.turn)
            return;
        this.turn = this.takeTurns()
            .catch((err) => this.logger.error({ err }, 'exports not leased'))
            .finally(() => (this.turn = undefined));
    }
    // What happens during a turn is seen by the next one.
    async takeTurns() {
        while (this.isAwake && !this.isStopping) {
            this.isAwake = false;
            await this.endFiles();
            const free = maxAtOnce - this.running.size;
            const leased = free > 0 ? await (0, exports_sql_1.leaseExports)(this.owner, free, this.db.manager) : [];
            for (const exportId of leased)
                this.start(exportId);
        }
    }
    start(exportId) {
        const done = this.writer
            .run(this.owner, exportId, () => this.isStopping)
            .catch((err) => this.logger.error({ err, exportId }, 'export failed'))
            .finally(() => {
            this.running.delete(exportId);
            this.wake();
        });
        this.running.set(exportId, done);
    }
    endFiles() {
        return this.db.transaction(async (tx) => {
            const now = this.clock.now();
            const ended = await (0, exports_sql_1.endFiles)(now, tx);
            await (0, exports_sql_1.forgetExports)(new Date(now.getTime() - keptMs), tx);
            if (ended.length === 0)
                return;
            const actor = (0, platform_1.serviceActor)('exchange');
            await this.audit.recordAll(ended.map(({ exportId, agreementId, datasetId, status, reason }) => ({
                action: 'administer',
                operation: status === 'expired' ? 'exports:expire' : 'exports:stop',
                outcome: 'done',
                actor,
                agreementId,
                datasetId,
                entity: `export:${exportId}`,
                code: reason ?? undefined,
            })), tx);
        });
    }
};
exports.ExportWorker = ExportWorker;
exports.ExportWorker = ExportWorker = __decorate([
    (0, common_1.Injectable)(),
    __param(5, (0, common_1.Inject)(platform_1.LOGGER)),
    __metadata("design:paramtypes", [typeorm_1.DataSource, platform_1.Changes, export_writer_1.ExportWriter, platform_1.Audit, platform_1.Clock, Object])
], ExportWorker);
//# sourceMappingURL=export.worker.js.map