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
Object.defineProperty(exports, "__esModule", { value: true });
exports.partitionOf = exports.LedgerPeriods = void 0;
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const ledger_periods_rules_1 = require("./ledger-periods.rules");
// Two processes that make the same partition wait for each other.
const partitionLock = 7_030_210;
/** The months of the ledger: each has a partition of `events`, made before anything is written into it. */
let LedgerPeriods = class LedgerPeriods {
    db;
    clock;
    ready;
    constructor(db, clock) {
        this.db = db;
        this.clock = clock;
    }
    /** The month in which an event stored now belongs, its first day as `YYYY-MM-DD` (UTC); its partition is there. */
    async current() {
        const period = (0, ledger_periods_rules_1.periodAt)(this.clock.now());
        if (period !== this.ready)
            await this.prepare(period);
        this.ready = period;
        return period;
    }
    /** Looks again the next time whether the partition is there. */
    forget() {
        this.ready = undefined;
    }
    /** Makes the partitions of this month and the next, unless they are there. */
    async prepareAhead() {
        const period = await this.current();
        await this.prepare((0, ledger_periods_rules_1.periodAfter)(period));
    }
    async prepare(period) {
        await this.db.transaction(async (tx) => {
            await tx.query('SELECT pg_advisory_xact_lock($1)', [partitionLock]);
            await createPartition(period, tx);
        });
    }
};
exports.LedgerPeriods = LedgerPeriods;
exports.LedgerPeriods = LedgerPeriods = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [typeorm_1.DataSource, platform_1.Clock])
], LedgerPeriods);
// Attached rather than made in place: that would need `events` for itself alone and stop every reader and writer.
async function createPartition(period, tx) {
    const name = (0, exports.partitionOf)(period);
    const known = await tx.query('SELECT to_regclass($1) AS name', [name]);
    if (known[0]?.name)
        return;
    const next = (0, ledger_periods_rules_1.periodAfter)(period);
    await tx.query(`CREATE TABLE ${name} (LIKE events INCLUDING DEFAULTS INCLUDING STORAGE INCLUDING COMPRESSION,
       PRIMARY KEY (dataset_id, position), CHECK (period >= '${period}' AND period < '${next}'))`);
    await tx.query(`ALTER TABLE events ATTACH PARTITION ${name} FOR VALUES FROM ('${period}') TO ('${next}')`);
}
/** The name of a month's partition: `events_2026_11`. */
const partitionOf = (period) => `events_${period.slice(0, 7).replace('-', '_')}`;
exports.partitionOf = partitionOf;
//# sourceMappingURL=ledger-periods.js.map