"use strict";
var __createBinding = (this && this.__createBinding) || (Object.create ? (function(o, m, k, k2) {
    if (k2 === undefined) k2 = k;
    var desc = Object.getOwnPropertyDescriptor(m, k);
    if (!desc || ("get" in desc ? !m.__esModule : desc.writable || desc.configurable)) {
      desc = { enumerable: true, get: function() { return m[k]; } };
    }
    Object.defineProperty(o, k2, desc);
}) : (function(o, m, k, k2) {
    if (k2 === undefined) k2 = k;
    o[k2] = m[k];
}));
var __setModuleDefault = (this && this.__setModuleDefault) || (Object.create ? (function(o, v) {
    Object.defineProperty(o, "default", { enumerable: true, value: v });
}) : function(o, v) {
    o["default"] = v;
});
var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __importStar = (this && this.__importStar) || (function () {
    var ownKeys = function(o) {
        ownKeys = Object.getOwnPropertyNames || function (o) {
            var ar = [];
            for (var k in o) if (Object.prototype.hasOwnProperty.call(o, k)) ar[ar.length] = k;
            return ar;
        };
        return ownKeys(o);
    };
    return function (mod) {
        if (mod && mod.__esModule) return mod;
        var result = {};
        if (mod != null) for (var k = ownKeys(mod), i = 0; i < k.length; i++) if (k[i] !== "default") __createBinding(result, mod, k[i]);
        __setModuleDefault(result, mod);
        return result;
    };
})();
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
var __param = (this && this.__param) || function (paramIndex, decorator) {
    return function (target, key) { decorator(target, key, paramIndex); }
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.Retention = void 0;
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const ledger_periods_rules_1 = require("../ledger/ledger-periods.rules");
const retention_rules_1 = require("./retention.rules");
const sql = __importStar(require("./retention.sql"));
// One process at a time.
const retentionLock = 7_030_211;
/** How many events one transaction looks at. */
const batchEvents = 2_000;
const dayMs = 24 * 60 * 60 * 1000;
/**
 * Removes events whose time is over: whole months where nothing in them stays, else in bounded batches. The latest record
 * of each key stays, and everything of a dataset under legal hold. Each removal and its audit entry are one transaction.
 */
let Retention = class Retention {
    db;
    audit;
    clock;
    logger;
    constructor(db, audit, clock, logger) {
        this.db = db;
        this.audit = audit;
        this.clock = clock;
        this.logger = logger;
    }
    /** One round over all datasets that are due; nothing when another process is at it. May end at any point and run again. */
    run(isStopping = () => false) {
        return (0, platform_1.asOnlyOne)(this.db, retentionLock, () => this.round(isStopping));
    }
    async round(isStopping) {
        const now = this.clock.now();
        for (const period of await sql.partitionedPeriods(this.db.manager)) {
            if (isStopping())
                return;
            if (period < (0, ledger_periods_rules_1.periodAt)(now))
                await this.drop(period, now);
        }
        for (const dataset of await sql.dueDatasets(new Date(now.getTime() - dayMs), this.db.manager)) {
            if (!(await this.removeFrom(dataset, now, isStopping)))
                continue;
            await sql.noteExamined(dataset, now, this.db.manager);
        }
        while (!isStopping() && (await sql.forgetIds(now, batchEvents, this.db.manager)) === batchEvents)
            ;
    }
    async drop(period, now) {
        try {
            await this.db.transaction(async (tx) => {
                const kept = await sql.keptIn(period, tx);
                if (!kept.every((dataset) => (0, retention_rules_1.isPast)(dataset, (0, ledger_periods_rules_1.periodAfter)(period), now)))
                    return;
                const datasetIds = kept.map(({ datasetId }) => datasetId);
                if (await sql.hasSurvivors(period, datasetIds, tx))
                    return;
                for (const removed of await sql.dropPeriod(period, tx))
                    await this.record(removed, tx);
            });
        }
        catch (err) {
            if (err.code !== lockNotAvailable)
                throw err;
            this.logger.info({ period }, 'a month of the ledger is in use, it is dropped in the next round');
        }
    }
    // False when it was not gone through to its end.
    async removeFrom(dataset, now, isStopping) {
        const { datasetId } = dataset;
        const cutoff = (0, retention_rules_1.cutoffOf)(dataset.retentionDays, now);
        for (const period of await sql.periodsBefore(datasetId, cutoff, this.db.manager)) {
            let after = 0;
            while (after !== undefined) {
                if (isStopping())
                    return false;
                const looked = await this.removeBatch(dataset, { period, after, cutoff });
                if (looked === 'held')
                    return false;
                after = looked?.through;
            }
            await this.db.transaction((tx) => sql.closePeriod(datasetId, period, tx));
        }
        await sql.removeConflicts(datasetId, cutoff, this.db.manager);
        return true;
    }
    removeBatch(dataset, place) {
        return this.db.transaction(async (tx) => {
            if (!(await sql.holdsStill(dataset, tx)))
                return 'held';
            const looked = await sql.removeBatch({ ...place, datasetId: dataset.datasetId, limit: batchEvents }, tx);
            if (looked?.removed)
                await this.record(looked.removed, tx);
            return looked;
        });
    }
    async record(removed, tx) {
        await sql.countRemoved(removed, tx);
        const { datasetId, first, last, records } = removed;
        const entry = {
            action: 'administer',
            operation: 'ledger:retain',
            outcome: 'done',
            actor: (0, platform_1.serviceActor)('exchange'),
            datasetId,
            positions: { first, last },
            records,
        };
        await this.audit.record(entry, tx);
    }
};
exports.Retention = Retention;
exports.Retention = Retention = __decorate([
    (0, common_1.Injectable)(),
    __param(3, (0, common_1.Inject)(platform_1.LOGGER)),
    __metadata("design:paramtypes", [typeorm_1.DataSource, platform_1.Audit, platform_1.Clock, Object])
], Retention);
const lockNotAvailable = '55P03';
//# sourceMappingURL=retention.js.map