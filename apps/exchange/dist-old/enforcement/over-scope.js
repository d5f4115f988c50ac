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
exports.OverScope = void 0;
const contracts_1 = require("@govbus/contracts");
const messaging_1 = require("@govbus/messaging");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const agreement_consumer_1 = require("../agreements/agreement.consumer");
const agreement_entity_1 = require("../agreements/agreement.entity");
const agreement_lock_1 = require("../agreements/agreement-lock");
const over_scope_rules_1 = require("./over-scope.rules");
const over_scope_sql_1 = require("./over-scope.sql");
/** Raises the alarm when an agreement is exceeded, and stops the agreement where its terms say so. */
let OverScope = class OverScope {
    db;
    outbox;
    audit;
    clock;
    constructor(db, outbox, audit, clock) {
        this.db = db;
        this.outbox = outbox;
        this.audit = audit;
        this.clock = clock;
    }
    /**
     * What `work` gives. When it is refused because the use goes beyond the agreement, the alarm is committed before the
     * refusal goes on to the caller: entry of the audit log, event, and hold, all or none of them.
     *
     * Errors: those of `work`, unchanged.
     */
    async watch(use, work) {
        try {
            return await work();
        }
        catch (error) {
            const beyond = (0, over_scope_rules_1.beyondOf)(error);
            // In a transaction of its own: the refusal has undone that of `work`.
            if (beyond && (0, over_scope_rules_1.isAlarming)(beyond, use.mode))
                await this.db.transaction((tx) => this.raise(beyond, use, tx));
            throw error;
        }
    }
    async raise(beyond, use, tx) {
        const { agreementId, receiver } = use;
        const { kind } = beyond;
        const agreement = await tx.findOneBy(agreement_entity_1.AgreementCopy, { agreementId });
        if (!agreement || agreement.consumerDepartment !== receiver.department)
            return;
        const { version } = agreement;
        if (!(await (0, over_scope_sql_1.claimAlarm)({ agreementId, kind, version }, tx)))
            return;
        if (agreement.terms.onOverScope === 'suspend')
            await this.stop(beyond, agreement, tx);
        await this.record(beyond, use, agreement, tx);
    }
    // At once and here; the catalog, which hears of it by the event, makes it a suspension that an officer must end.
    async stop({ kind, code }, agreement, tx) {
        const { agreementId, datasetId, version } = agreement;
        await (0, agreement_lock_1.closeAgreement)(agreementId, tx);
        if (!(await (0, over_scope_sql_1.hold)({ agreementId, kind, version }, tx)))
            return;
        await platform_1.Changes.notify(agreement_consumer_1.AGREEMENTS_CHANGED, agreementId, tx);
        await this.audit.record({
            action: 'administer',
            operation: 'agreements:hold',
            outcome: 'done',
            actor: (0, platform_1.serviceActor)('exchange'),
            datasetId,
            agreementId,
            agreementVersion: version,
            code,
            reason: `held back after use beyond the agreement (${kind}), until its department decides`,
        }, tx);
    }
    async record(beyond, use, agreement, tx) {
        const { kind, code, reason, limit } = beyond;
        const { receiver, purpose, caseReference, subscriptionId } = use;
        const { agreementId, datasetId, consumerDepartment, version: agreementVersion } = agreement;
        const { id, kind: principalKind, department } = receiver;
        await this.audit.record({
            action: 'refuse',
            operation: 'agreements:over-scope',
            outcome: 'denied',
            actor: { id, kind: principalKind, department },
            ...{ datasetId, agreementId, agreementVersion, subscriptionId, purpose, caseReference, code },
            reason: reason.slice(0, 500),
        }, tx);
        const seenAt = this.clock.now().toISOString();
        const about = { agreementId, agreementVersion, datasetId, consumerDepartment, principalId: id };
        await this.outbox.add(contracts_1.OverScopeDetected, { ...about, kind, limit, seenAt }, tx);
    }
};
exports.OverScope = OverScope;
exports.OverScope = OverScope = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [typeorm_1.DataSource, messaging_1.Outbox, platform_1.Audit, platform_1.Clock])
], OverScope);
//# sourceMappingURL=over-scope.js.map