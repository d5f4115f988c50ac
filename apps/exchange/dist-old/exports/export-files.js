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
exports.ExportFiles = void 0;
const node_stream_1 = require("node:stream");
const contracts_1 = require("@govbus/contracts");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const agreement_consumer_1 = require("../agreements/agreement.consumer");
const disclosure_1 = require("../delivery/disclosure");
const keys_1 = require("../delivery/keys");
const receive_decisions_1 = require("../delivery/receive-decisions");
const export_rules_1 = require("./export.rules");
const export_job_entity_1 = require("./export-job.entity");
const exports_sql_1 = require("./exports.sql");
const exports_service_1 = require("./exports.service");
/** Downloads of one process at once, and those of one department. */
const maxAtOnce = 100;
const maxOfDepartment = 10;
/** Milliseconds in which a client must take a chunk. */
const idleMs = 120_000;
/** Hands out finished files chunk by chunk, each decided anew; a change of the agreement cuts off what is on its way. */
let ExportFiles = class ExportFiles {
    db;
    changes;
    disclosures;
    decisions;
    keys;
    audit;
    clock;
    running = new Set();
    constructor(db, changes, disclosures, decisions, keys, audit, clock) {
        this.db = db;
        this.changes = changes;
        this.disclosures = disclosures;
        this.decisions = decisions;
        this.keys = keys;
        this.audit = audit;
        this.clock = clock;
    }
    async onApplicationBootstrap() {
        // `resync`: a change may have been missed while the listening connection was away.
        await this.changes.on(agreement_consumer_1.AGREEMENTS_CHANGED, (agreementId) => this.cut((download) => download.agreementId === agreementId), () => this.cut(() => true));
    }
    beforeApplicationShutdown() {
        this.cut(() => true);
    }
    /**
     * The file for a caller of its department.
     *
     * Errors: `NotFound` `export.unknown`; `Forbidden` `decision.denied`; `Conflict` `export.not-done`,
     *   `export.stopped`, `export.expired`; `Unavailable` `export.busy`.
     */
    async open(exportId, caller) {
        const job = await this.db.manager.findOneBy(export_job_entity_1.ExportJob, { exportId });
        if (job?.consumerDepartment !== caller.department)
            throw (0, exports_service_1.unknown)(exportId);
        return this.begin(job, this.decisions.receiverOf(caller), 'exports:download');
    }
    /** The file for whoever has a link to it, in the name of its owner. Errors: `Forbidden` `link.invalid`, and as `open`. */
    async openByLink(exportId, { expires, signature }) {
        const isGood = this.keys.isLinkSignature((0, export_rules_1.linkOf)(exportId, expires), signature);
        if (!isGood || Number(expires) * 1000 <= this.clock.now().getTime())
            throw new contracts_1.Forbidden('link.invalid', 'the link was not made by the bus, or its time is over');
        const job = await this.db.manager.findOneBy(export_job_entity_1.ExportJob, { exportId });
        if (!job)
            throw (0, exports_service_1.unknown)(exportId);
        return this.begin(job, this.decisions.receiverById(job.owner), 'exports:download-by-link');
    }
    async begin({ exportId }, receiver, operation) {
        const job = await this.db.transaction(async (tx) => {
            const found = await this.requireFile(exportId, receiver, tx);
            this.requireRoom(found.consumerDepartment);
            await this.record(found, receiver, operation, tx);
            return found;
        });
        const idle = setTimeout(() => content.destroy(new Error('the client does not take the file')), idleMs);
        const content = node_stream_1.Readable.from(this.chunks(job, receiver, () => idle.refresh()), { objectMode: false });
        const download = { agreementId: job.agreementId, department: job.consumerDepartment, content };
        this.running.add(download);
        content.once('close', () => {
            clearTimeout(idle);
            this.running.delete(download);
        });
        return { job, content };
    }
    async *chunks(job, receiver, onTaken) {
        for (let chunk = 0; chunk < job.chunks; chunk += 1) {
            onTaken();
            yield await this.db.transaction(async (tx) => {
                await this.requireFile(job.exportId, receiver, tx);
                const content = await (0, exports_sql_1.readChunk)(job.exportId, chunk, tx);
                if (!content)
                    throw (0, exports_service_1.unknown)(job.exportId);
                return content;
            });
        }
    }
    async requireFile(exportId, receiver, tx) {
        const asked = await tx.findOneBy(export_job_entity_1.ExportJob, { exportId });
        if (!asked)
            throw (0, exports_service_1.unknown)(exportId);
        const agreement = await this.disclosures.requireAgreement({ ...(0, export_rules_1.accessOf)(asked, receiver), isContinued: true }, tx);
        // Again, now that the agreement is held: what a change of it did to the file is seen.
        const job = await tx.findOneBy(export_job_entity_1.ExportJob, { exportId });
        if (!job)
            throw (0, exports_service_1.unknown)(exportId);
        const { status, expiresAt } = job;
        if (status === 'expired' || (expiresAt !== null && expiresAt <= this.clock.now()))
            throw new contracts_1.Conflict('export.expired', 'the file was deleted when its time was over');
        if (status === 'stopped' || (status === 'done' && agreement.version !== job.agreementVersion))
            throw new contracts_1.Conflict('export.stopped', 'the agreement is not what it was when the file was made');
        if (status !== 'done')
            throw new contracts_1.Conflict('export.not-done', `the export is ${status}`);
        return job;
    }
    requireRoom(department) {
        const own = [...this.running].filter((download) => download.department === department);
        if (this.running.size >= maxAtOnce || own.length >= maxOfDepartment)
            throw new contracts_1.Unavailable('export.busy', 'too many files are being downloaded already', { retryAfterSeconds: 5 });
    }
    record(job, receiver, operation, tx) {
        const { exportId, agreementId, agreementVersion, datasetId, purpose, records, fields } = job;
        const { firstPosition: first, lastPosition: last } = job;
        return this.audit.record({
            action: 'disclose',
            operation,
            outcome: 'done',
            actor: { id: receiver.id, kind: receiver.kind, department: receiver.department },
            datasetId,
            agreementId,
            agreementVersion,
            purpose,
            caseReference: job.caseReference ?? undefined,
            entity: `export:${exportId}`,
            positions: first !== null && last !== null ? { first, last } : undefined,
            records,
            fields,
            digest: job.sha256 ?? undefined,
        }, tx);
    }
    cut(isMeant) {
        for (const download of this.running)
            if (isMeant(download))
                download.content.destroy(new Error('the agreement has changed, or the process ends'));
    }
};
exports.ExportFiles = ExportFiles;
exports.ExportFiles = ExportFiles = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [typeorm_1.DataSource, platform_1.Changes, disclosure_1.Disclosures, receive_decisions_1.ReceiveDecisions, keys_1.Keys, platform_1.Audit, platform_1.Clock])
], ExportFiles);
//# sourceMappingURL=export-files.js.map