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
exports.ExportWriter = void 0;
const node_crypto_1 = require("node:crypto");
const contracts_1 = require("@govbus/contracts");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const app_config_1 = require("../app.config");
const disclosure_1 = require("../delivery/disclosure");
const page_reader_1 = require("../delivery/page-reader");
const receive_decisions_1 = require("../delivery/receive-decisions");
const export_rules_1 = require("./export.rules");
const ledger_reads_sql_1 = require("../ledger/ledger-reads.sql");
const export_format_rules_1 = require("./export-format.rules");
const export_job_entity_1 = require("./export-job.entity");
const exports_sql_1 = require("./exports.sql");
/** Pages of one turn, so that a large export does not keep the small ones waiting. */
const maxPages = 50;
const page = { limit: 1_000, maxBytes: 1024 * 1024 };
/** Largest file. */
const maxBytes = 4 * 1024 ** 3;
const maxAttempts = 5;
class LeaseLost extends Error {
}
class TermsChanged extends Error {
    agreement;
    constructor(agreement) {
        super('the agreement has other terms than when the export began');
        this.agreement = agreement;
    }
}
/** Writes leased exports: each page in one transaction with the record of its disclosure and how far it has come. */
let ExportWriter = class ExportWriter {
    db;
    disclosures;
    decisions;
    audit;
    clock;
    config;
    logger;
    constructor(db, disclosures, decisions, audit, clock, config, logger) {
        this.db = db;
        this.disclosures = disclosures;
        this.decisions = decisions;
        this.audit = audit;
        this.clock = clock;
        this.config = config;
        this.logger = logger;
    }
    /** One turn; ends when the file is done, the lease is lost, or `isStopping` says so. */
    async run(owner, exportId, isStopping) {
        for (let pages = 0; pages < maxPages && !isStopping(); pages += 1) {
            const job = await this.db.manager.findOneBy(export_job_entity_1.ExportJob, { exportId });
            if (job?.status !== 'running')
                return;
            try {
                if (job.isRead)
                    return await this.finish(owner, job);
                if (job.bytes > maxBytes)
                    return await this.end(owner, job, 'failed', 'export.too-large');
                await this.writePage(owner, job);
            }
            catch (error) {
                if (error instanceof LeaseLost)
                    return;
                if (!(await this.goesOn(owner, job, error)))
                    return;
            }
        }
        await (0, exports_sql_1.yieldExport)(owner, exportId, { pauseMs: 0, failed: 0 }, this.db.manager);
    }
    async writePage(owner, job) {
        const access = { ...(0, export_rules_1.accessOf)(job, this.decisions.receiverById(job.owner)), isContinued: true };
        let looked = 0;
        await this.disclosures.discloseTo(access, {
            read: async (source, tx) => {
                if (source.agreement.version !== job.agreementVersion)
                    throw new TermsChanged(source.agreement);
                const read = await readRows(job, source, tx);
                looked = read.looked;
                return read;
            },
            // In the transaction of the disclosure: what nobody recorded, nobody can download (P3).
            keep: async (shown, found, tx) => {
                if (!(await (0, exports_sql_1.writePage)(owner, job, writtenOf(job, shown, found, looked), tx)))
                    throw new LeaseLost();
            },
        });
    }
    async finish(owner, job) {
        const hash = (0, node_crypto_1.createHash)('sha256');
        for (let chunk = 0; chunk < job.chunks; chunk += 1) {
            if (!(await (0, exports_sql_1.renewExport)(owner, job.exportId, this.db.manager)))
                return;
            const content = await (0, exports_sql_1.readChunk)(job.exportId, chunk, this.db.manager);
            if (!content)
                throw new LeaseLost();
            hash.update(content);
        }
        const sha256 = hash.digest('hex');
        await this.db.transaction(async (tx) => {
            const now = this.clock.now();
            const expiresAt = new Date(now.getTime() + this.config.EXPORT_HOURS * 3_600_000);
            if (!(await (0, exports_sql_1.finishExport)(owner, job.exportId, { sha256, now, expiresAt }, tx)))
                return;
            const { records } = job;
            const entry = { action: 'administer', operation: 'exports:finish', outcome: 'done' };
            const actor = (0, platform_1.serviceActor)('exchange');
            await this.audit.record({ ...entry, actor, ...aboutOf(job), records, digest: sha256 }, tx);
        });
    }
    // Whether the turn goes on after an error.
    async goesOn(owner, job, error) {
        const { exportId } = job;
        if (error instanceof TermsChanged) {
            const { version, terms } = error.agreement;
            await this.db.transaction((tx) => (0, exports_sql_1.restartExport)(owner, exportId, { version, fields: terms.fields }, tx));
            return true;
        }
        if (error instanceof contracts_1.Unavailable) {
            const pauseMs = (error.details.retryAfterSeconds ?? 1) * 1000;
            await (0, exports_sql_1.yieldExport)(owner, exportId, { pauseMs, failed: 0 }, this.db.manager);
        }
        else if (error instanceof contracts_1.Forbidden && error.code === 'decision.denied') {
            const code = error.details.explanation?.code;
            await this.end(owner, job, 'stopped', typeof code === 'string' ? code : error.code);
        }
        else if (error instanceof contracts_1.DomainError)
            await this.end(owner, job, 'failed', error.code);
        else {
            this.logger.error({ err: error, exportId }, 'export not written');
            if (job.attempts + 1 >= maxAttempts)
                await this.end(owner, job, 'failed', 'export.failed');
            else
                await (0, exports_sql_1.yieldExport)(owner, exportId, { pauseMs: 1000 * 2 ** job.attempts, failed: 1 }, this.db.manager);
        }
        return false;
    }
    end(owner, job, status, code) {
        return this.db.transaction(async (tx) => {
            const now = this.clock.now();
            if (!(await (0, exports_sql_1.endExport)(owner, job.exportId, { status, reason: code, now }, tx)))
                return;
            const { id, kind, department } = this.decisions.receiverById(job.owner);
            const outcome = status === 'stopped' ? 'denied' : 'failed';
            const entry = { action: 'refuse', operation: 'exports:run', outcome, code };
            await this.audit.record({ ...entry, actor: { id, kind, department }, ...aboutOf(job) }, tx);
        });
    }
};
exports.ExportWriter = ExportWriter;
exports.ExportWriter = ExportWriter = __decorate([
    (0, common_1.Injectable)(),
    __param(6, (0, common_1.Inject)(platform_1.LOGGER)),
    __metadata("design:paramtypes", [typeorm_1.DataSource, disclosure_1.Disclosures, receive_decisions_1.ReceiveDecisions, platform_1.Audit, platform_1.Clock, app_config_1.AppConfig, Object])
], ExportWriter);
const aboutOf = (job) => {
    const { exportId, agreementId, agreementVersion, datasetId, purpose } = job;
    const caseReference = job.caseReference ?? undefined;
    return { agreementId, agreementVersion, datasetId, purpose, caseReference, entity: `export:${exportId}` };
};
async function readRows(job, source, tx) {
    if (job.content === 'latest') {
        const read = await (0, page_reader_1.readLatestPage)(source, { ...page, afterKey: job.afterKey ?? undefined }, tx);
        return { ...read, hasMore: read.afterKey !== undefined };
    }
    const read = await (0, page_reader_1.readPage)(source, { ...page, after: job.throughPosition, until: job.toPosition }, ledger_reads_sql_1.readLedger, tx);
    return { ...read, hasMore: read.looked > 0 && read.through < job.toPosition };
}
function writtenOf(job, shown, { matched }, looked) {
    const { format, fields } = job;
    const lines = shown.events.map((event) => (0, export_format_rules_1.lineOf)(format, fields, event));
    const head = job.chunks === 0 ? (0, export_format_rules_1.headOf)(format, fields) : '';
    return {
        content: Buffer.from(head + lines.join('')),
        throughPosition: shown.through ?? job.throughPosition,
        afterKey: shown.afterKey,
        isRead: !shown.hasMore,
        looked,
        records: matched.length,
        positions: matched.map(({ row }) => row.position),
        times: matched.map(({ row }) => row.recordedAt),
    };
}
//# sourceMappingURL=export-writer.js.map