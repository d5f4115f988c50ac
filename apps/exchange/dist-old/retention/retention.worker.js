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
exports.RetentionWorker = void 0;
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const ledger_periods_1 = require("../ledger/ledger-periods");
const retention_1 = require("./retention");
const everyMs = 10 * 60 * 1000;
/** Every ten minutes: makes the partition of the month to come, and removes what is over. */
let RetentionWorker = class RetentionWorker {
    periods;
    retention;
    logger;
    timer;
    running;
    isStopping = false;
    constructor(periods, retention, logger) {
        this.periods = periods;
        this.retention = retention;
        this.logger = logger;
    }
    onApplicationBootstrap() {
        this.tick();
        this.timer = setInterval(() => this.tick(), everyMs);
    }
    async beforeApplicationShutdown() {
        this.isStopping = true;
        clearInterval(this.timer);
        await this.running;
    }
    tick() {
        this.running ??= this.work()
            .catch((err) => this.logger.error({ err }, 'retention of the ledger failed, it is tried again'))
            .finally(() => (this.running = undefined));
    }
    async work() {
        await this.periods.prepareAhead();
        await this.retention.run(() => this.isStopping);
    }
};
exports.RetentionWorker = RetentionWorker;
exports.RetentionWorker = RetentionWorker = __decorate([
    (0, common_1.Injectable)(),
    __param(2, (0, common_1.Inject)(platform_1.LOGGER)),
    __metadata("design:paramtypes", [ledger_periods_1.LedgerPeriods, retention_1.Retention, Object])
], RetentionWorker);
//# sourceMappingURL=retention.worker.js.map