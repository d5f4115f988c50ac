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
exports.LedgerService = void 0;
const contracts_1 = require("@govbus/contracts");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const datasets_1 = require("../datasets/datasets");
const recent_acceptances_1 = require("../ingest/recent-acceptances");
const event_deliveries_1 = require("./event-deliveries");
const ledger_reads_sql_1 = require("./ledger-reads.sql");
/** What publishers may ask the ledger. */
let LedgerService = class LedgerService {
    db;
    datasets;
    principals;
    recent;
    deliveries;
    constructor(db, datasets, principals, recent, deliveries) {
        this.db = db;
        this.datasets = datasets;
        this.principals = principals;
        this.recent = recent;
        this.deliveries = deliveries;
    }
    /** What became of an event of the caller's department, and to whom it went; those of others are unknown to it. */
    async statusOf({ source, id }, caller) {
        const stored = await this.db.query(`SELECT dataset_id AS "datasetId", publisher, position, recorded_at AS "recordedAt"
         FROM event_ids JOIN events USING (dataset_id, position, source, event_id)
        WHERE source = $1 AND event_id = $2 AND events.period = period_of(dataset_id, position)`, [source, id]);
        const conflicts = await this.db.query(`SELECT dataset_id AS "datasetId", publisher, NULL AS position, recorded_at AS "recordedAt"
         FROM event_conflicts WHERE source = $1 AND event_id = $2 ORDER BY recorded_at DESC LIMIT 50`, [source, id]);
        const own = (found) => this.departmentOf(found.publisher, caller) === caller.department;
        const event = stored.find(own);
        const conflict = conflicts.find(own);
        const found = conflict ?? event;
        if (!found)
            return this.acceptedOrUnknown(source, id, caller);
        const position = event?.position ? Number(event.position) : undefined;
        return {
            status: conflict ? 'conflict' : 'stored',
            datasetId: found.datasetId,
            position,
            recordedAt: found.recordedAt.toISOString(),
            ...(event && position !== undefined && (await this.deliveries.of(event.datasetId, position))),
        };
    }
    acceptedOrUnknown(source, id, caller) {
        const accepted = this.recent.find(source, id);
        if (!accepted || this.departmentOf(accepted.publisher, caller) !== caller.department)
            return { status: 'unknown' };
        const { datasetId, recordedAt } = accepted;
        return { status: 'accepted', datasetId, recordedAt };
    }
    /** How far the ledger of a dataset is; for those who own it or may publish to it, and administrators. */
    async ledgerOf(datasetId, caller) {
        const dataset = await this.datasets.find(datasetId);
        if (!dataset)
            throw new contracts_1.NotFound('dataset.unknown', `there is no dataset \`${datasetId}\``);
        const { responsibleDepartment, publishers } = dataset.copy;
        const concerns = caller.scopes.includes('admin') ||
            responsibleDepartment === caller.department ||
            publishers.some((publisher) => this.departmentOf(publisher, caller) === caller.department);
        if (!concerns)
            throw new contracts_1.Forbidden('decision.denied', 'the dataset is neither owned nor published by the department of the caller');
        const [head] = await this.db.query(`SELECT last_position, records, conflicts, removed
         FROM dataset_heads LEFT JOIN dataset_retention USING (dataset_id) WHERE dataset_id = $1`, [datasetId]);
        const lastPosition = Number(head?.last_position ?? 0);
        const [records, conflicts] = [Number(head?.records ?? 0), Number(head?.conflicts ?? 0)];
        const firstPosition = (await (0, ledger_reads_sql_1.firstKept)(datasetId, this.db.manager)) ?? lastPosition + 1;
        // Positions are dense, so the last one is also how many there were.
        const events = lastPosition - Number(head?.removed ?? 0);
        return { datasetId, firstPosition, lastPosition, events, records, conflicts };
    }
    departmentOf(principalId, caller) {
        return principalId === caller.id ? caller.department : this.principals.get(principalId)?.departmentCode;
    }
};
exports.LedgerService = LedgerService;
exports.LedgerService = LedgerService = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [typeorm_1.DataSource, datasets_1.Datasets, platform_1.Principals, recent_acceptances_1.RecentAcceptances, event_deliveries_1.DeliveriesOfEvents])
], LedgerService);
//# sourceMappingURL=ledger.service.js.map