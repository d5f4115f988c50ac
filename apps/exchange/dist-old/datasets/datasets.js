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
exports.Datasets = void 0;
const promises_1 = require("node:timers/promises");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const payload_check_1 = require("../ingest/payload-check");
const dataset_consumer_1 = require("./dataset.consumer");
const dataset_entity_1 = require("./dataset.entity");
/** Every dataset in memory, reloaded in the wake of each commit that changes one. */
let Datasets = class Datasets {
    db;
    changes;
    logger;
    known = new Map();
    listeners = [];
    isStopping = false;
    constructor(db, changes, logger) {
        this.db = db;
        this.changes = changes;
        this.logger = logger;
    }
    async onModuleInit() {
        // Listen first: what commits between the two is then loaded twice rather than missed.
        await this.changes.on(dataset_consumer_1.DATASETS_CHANGED, (datasetId) => void this.untilDone(() => this.load(datasetId)), () => void this.untilDone(() => this.loadAll()));
        await this.loadAll();
    }
    onApplicationShutdown() {
        this.isStopping = true;
    }
    get(datasetId) {
        return this.known.get(datasetId);
    }
    /** From memory, or from the database when this process has not heard of it yet. */
    async find(datasetId) {
        return this.known.get(datasetId) ?? (await this.load(datasetId));
    }
    onChange(listener) {
        this.listeners.push(listener);
    }
    // A change that is heard and not read would leave a retired dataset open, and a new schema unknown.
    async untilDone(load) {
        for (let waitMs = 100; !this.isStopping; waitMs = Math.min(waitMs * 2, 5_000)) {
            try {
                return void (await load());
            }
            catch (err) {
                this.logger.warn({ err }, 'datasets not reloaded yet');
                await (0, promises_1.setTimeout)(waitMs);
            }
        }
    }
    async loadAll() {
        for (const copy of await this.db.manager.find(dataset_entity_1.DatasetCopy))
            this.keep(copy);
    }
    async load(datasetId) {
        const copy = await this.db.manager.findOneBy(dataset_entity_1.DatasetCopy, { datasetId });
        if (copy)
            this.keep(copy);
        return this.known.get(datasetId);
    }
    keep(copy) {
        const before = this.known.get(copy.datasetId);
        if (before && before.copy.version > copy.version)
            return;
        const newest = Math.max(...copy.schemas.map((schema) => schema.schemaVersion));
        this.known.set(copy.datasetId, { copy, newest, checks: (0, payload_check_1.compileChecks)(copy.schemas, before?.checks) });
        this.listeners.forEach((listener) => listener());
    }
};
exports.Datasets = Datasets;
exports.Datasets = Datasets = __decorate([
    (0, common_1.Injectable)(),
    __param(2, (0, common_1.Inject)(platform_1.LOGGER)),
    __metadata("design:paramtypes", [typeorm_1.DataSource, platform_1.Changes, Object])
], Datasets);
//# sourceMappingURL=datasets.js.map