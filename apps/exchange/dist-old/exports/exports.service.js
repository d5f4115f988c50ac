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
exports.unknown = exports.ExportsService = exports.EXPORTS_WANTED = void 0;
const node_crypto_1 = require("node:crypto");
const contracts_1 = require("@govbus/contracts");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const class_validator_1 = require("class-validator");
const typeorm_1 = require("typeorm");
const app_config_1 = require("../app.config");
const disclosure_1 = require("../delivery/disclosure");
const disclosure_sql_1 = require("../delivery/disclosure.sql");
const keys_1 = require("../delivery/keys");
const receive_decisions_1 = require("../delivery/receive-decisions");
const limits_1 = require("../enforcement/limits");
const over_scope_1 = require("../enforcement/over-scope");
const export_rules_1 = require("./export.rules");
const export_job_entity_1 = require("./export-job.entity");
const exports_dto_1 = require("./exports.dto");
const exports_sql_1 = require("./exports.sql");
/** Channel on which every process hears that there is an export to write. */
exports.EXPORTS_WANTED = 'exports';
const maxOpen = 20;
const linkMs = 15 * 60_000;
/** What departments ask of their exports. */
let ExportsService = class ExportsService {
    db;
    disclosures;
    decisions;
    limits;
    overScope;
    keys;
    audit;
    clock;
    config;
    constructor(db, disclosures, decisions, limits, overScope, keys, audit, clock, config) {
        this.db = db;
        this.disclosures = disclosures;
        this.decisions = decisions;
        this.limits = limits;
        this.overScope = overScope;
        this.keys = keys;
        this.audit = audit;
        this.clock = clock;
        this.config = config;
    }
    /**
     * A file that a worker will write.
     *
     * Errors: `Forbidden` `decision.denied`; `Invalid` `export.range`, `position.beyond-head`; `Conflict`
     *   `export.too-many`; `Limited` `agreement.limit-reached`.
     */
    create(order, caller) {
        const job = this.db.manager.create(export_job_entity_1.ExportJob, this.emptyJob(order, caller));
        const access = (0, export_rules_1.accessOf)(job, this.decisions.receiverOf(caller));
        return this.overScope.watch(access, () => this.make(job, access, order, caller));
    }
    /** Of the caller's department, the oldest first; one more than the page holds. */
    list(query, caller) {
        const rows = this.db.manager
            .createQueryBuilder(export_job_entity_1.ExportJob, 'e')
            .where('e.consumerDepartment = :department', { department: caller.department })
            .orderBy('e.createdAt')
            .addOrderBy('e.exportId')
            .limit(query.limit + 1);
        const [createdAt, exportId] = (0, platform_1.readCursor)(query.cursor, 2) ?? [];
        if (createdAt === undefined)
            return rows.getMany();
        if (!(0, class_validator_1.isUUID)(exportId) || Number.isNaN(Date.parse(String(createdAt))))
            throw new contracts_1.Invalid('cursor.invalid', 'the cursor is not one that this list gave out');
        return rows
            .andWhere('(e.createdAt, e.exportId) > (:createdAt, :exportId)', {
            createdAt: new Date(String(createdAt)),
            exportId,
        })
            .getMany();
    }
    /** Errors: `NotFound` `export.unknown`, also for one of another department. */
    async get(exportId, caller) {
        const job = await this.db.manager.findOneBy(export_job_entity_1.ExportJob, { exportId });
        if (job?.consumerDepartment !== caller.department)
            throw (0, exports.unknown)(exportId);
        return job;
    }
    /** Errors: as `get`, and `Conflict` `export.not-done` while there is no file that it could be about. */
    async manifest(exportId, caller) {
        const job = await this.get(exportId, caller);
        const { sha256, finishedAt } = job;
        if (sha256 === null || finishedAt === null)
            throw new contracts_1.Conflict('export.not-done', `the export is ${job.status}; its file was not finished`);
        return exports_dto_1.ManifestResponse.from(job, sha256, finishedAt);
    }
    /** Ends it and deletes its file; a worker that is at it keeps nothing more. */
    cancel(exportId, caller) {
        return this.db.transaction(async (tx) => {
            const job = await tx.findOne(export_job_entity_1.ExportJob, { where: { exportId }, lock: { mode: 'pessimistic_write' } });
            if (job?.consumerDepartment !== caller.department)
                throw (0, exports.unknown)(exportId);
            await tx.delete(export_job_entity_1.ExportJob, { exportId });
            await this.record('exports:delete', job, caller, tx);
        });
    }
    /** A link to the file that is good for a quarter of an hour; nothing while there is no file. */
    linkTo({ exportId, status, expiresAt }) {
        if (status !== 'done' || expiresAt === null)
            return undefined;
        const until = Math.min(this.clock.now().getTime() + linkMs, expiresAt.getTime());
        const expires = String(Math.floor(until / 1000));
        const query = new URLSearchParams({ expires, signature: this.keys.linkSignatureOf((0, export_rules_1.linkOf)(exportId, expires)) });
        return {
            url: `${this.config.PUBLIC_URL}/v1/exports/${exportId}/download?${query.toString()}`,
            expiresAt: new Date(Number(expires) * 1000).toISOString(),
        };
    }
    make(job, access, order, caller) {
        return this.db.transaction(async (tx) => {
            const agreement = await this.disclosures.requireAgreement(access, tx);
            if ((await (0, exports_sql_1.countOpen)(caller.department, tx)) >= maxOpen)
                throw new contracts_1.Conflict('export.too-many', `the department has ${maxOpen} exports that are not done`);
            // The access is counted here; its pages count records alone.
            await this.limits.take(agreement, access, 0, tx);
            const { datasetId, terms } = agreement;
            const { from, to } = (0, export_rules_1.rangeOf)(order, await (0, disclosure_sql_1.headOf)(datasetId, tx));
            Object.assign(job, {
                datasetId,
                agreementVersion: agreement.version,
                fields: terms.fields,
                fromPosition: from,
                toPosition: to,
                throughPosition: from - 1,
                rowsTotal: order.of === 'latest' ? await (0, disclosure_sql_1.countLatest)(datasetId, tx) : to - from + 1,
            });
            await tx.insert(export_job_entity_1.ExportJob, job);
            await this.record('exports:create', job, caller, tx);
            await platform_1.Changes.notify(exports.EXPORTS_WANTED, job.exportId, tx);
            return job;
        });
    }
    emptyJob(order, caller) {
        return {
            exportId: (0, node_crypto_1.randomUUID)(),
            agreementId: order.agreementId,
            consumerDepartment: caller.department,
            owner: caller.id,
            purpose: order.purpose,
            caseReference: order.caseReference ?? null,
            format: order.format,
            content: order.of,
            status: 'queued',
            reason: null,
            afterKey: null,
            isRead: false,
            rowsDone: 0,
            records: 0,
            bytes: 0,
            chunks: 0,
            firstPosition: null,
            lastPosition: null,
            firstRecordedAt: null,
            lastRecordedAt: null,
            sha256: null,
            attempts: 0,
            createdAt: this.clock.now(),
            finishedAt: null,
            expiresAt: null,
        };
    }
    record(operation, job, caller, tx) {
        const { exportId, agreementId, agreementVersion, datasetId, purpose } = job;
        const about = { datasetId, agreementId, agreementVersion, purpose, caseReference: job.caseReference ?? undefined };
        const entity = `export:${exportId}`;
        return this.audit.record({ action: 'administer', operation, outcome: 'done', actor: (0, platform_1.actorOf)(caller), ...about, entity }, tx);
    }
};
exports.ExportsService = ExportsService;
exports.ExportsService = ExportsService = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [typeorm_1.DataSource, disclosure_1.Disclosures, receive_decisions_1.ReceiveDecisions, limits_1.Limits, over_scope_1.OverScope, keys_1.Keys, platform_1.Audit, platform_1.Clock, app_config_1.AppConfig])
], ExportsService);
const unknown = (exportId) => new contracts_1.NotFound('export.unknown', `there is no export \`${exportId}\``);
exports.unknown = unknown;
//# sourceMappingURL=exports.service.js.map