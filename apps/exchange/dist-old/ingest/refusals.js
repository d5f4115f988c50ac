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
exports.Refusals = void 0;
const contracts_1 = require("@govbus/contracts");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const exchange_metrics_1 = require("../operations/exchange-metrics");
const maxWaiting = 2_000;
const maxTogether = 500;
/**
 * Records refusals before they are answered (P2). Those that come together share one transaction, so a flood costs a
 * row each, not a commit each.
 */
let Refusals = class Refusals {
    db;
    audit;
    metrics;
    logger;
    waiting = [];
    isWriting = false;
    constructor(db, audit, metrics, logger) {
        this.db = db;
        this.audit = audit;
        this.metrics = metrics;
        this.logger = logger;
    }
    /** Resolves once `entries` are committed; `Unavailable` `audit.busy` when they cannot be. */
    record(entries) {
        if (entries.length === 0)
            return Promise.resolve();
        for (const { code = 'unknown', records = 1 } of entries)
            this.metrics.refused(code, records);
        if (this.waiting.length >= maxWaiting)
            return Promise.reject(busy());
        return new Promise((resolve, reject) => {
            this.waiting.push({ entries, resolve, reject });
            void this.write();
        });
    }
    async write() {
        if (this.isWriting)
            return;
        this.isWriting = true;
        while (this.waiting.length > 0) {
            const together = this.waiting.splice(0, maxTogether);
            try {
                const entries = together.flatMap((waiting) => waiting.entries);
                await this.db.transaction((tx) => this.audit.recordAll(entries, tx));
                together.forEach((waiting) => waiting.resolve());
            }
            catch (err) {
                this.logger.error({ err, refusals: together.length }, 'refusals not recorded');
                together.forEach((waiting) => waiting.reject(busy(err)));
            }
        }
        this.isWriting = false;
    }
};
exports.Refusals = Refusals;
exports.Refusals = Refusals = __decorate([
    (0, common_1.Injectable)(),
    __param(3, (0, common_1.Inject)(platform_1.LOGGER)),
    __metadata("design:paramtypes", [typeorm_1.DataSource, platform_1.Audit, exchange_metrics_1.ExchangeMetrics, Object])
], Refusals);
const busy = (cause) => new contracts_1.Unavailable('audit.busy', 'the refusal cannot be recorded now', { cause, retryAfterSeconds: 1 });
//# sourceMappingURL=refusals.js.map