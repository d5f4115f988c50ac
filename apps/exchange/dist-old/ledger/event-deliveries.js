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
exports.DeliveriesOfEvents = void 0;
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const agreement_entity_1 = require("../agreements/agreement.entity");
const dataset_entity_1 = require("../datasets/dataset.entity");
const lenses_1 = require("../delivery/lenses");
const page_reader_1 = require("../delivery/page-reader");
const filters_rules_1 = require("../subscriptions/filters.rules");
const subscription_entity_1 = require("../subscriptions/subscription.entity");
const ledger_reads_sql_1 = require("./ledger-reads.sql");
/** Disclosures of an agreement that are looked at: those that end next at or behind the event. */
const lookedAt = 1_000;
/** Deliveries that are told at most. */
const maxTold = 200;
/**
 * To whom an event was delivered, from the disclosures whose positions cover it. A disclosure keeps its first and last
 * position, not each between: whether the event was among them says the lens, as long as the terms are those of then;
 * otherwise it stays `possible`.
 */
let DeliveriesOfEvents = class DeliveriesOfEvents {
    db;
    lenses;
    constructor(db, lenses) {
        this.db = db;
        this.lenses = lenses;
    }
    async of(datasetId, position) {
        const covering = await this.covering(datasetId, position);
        const told = covering.slice(0, maxTold);
        const agreements = new Map();
        for (const agreement of await this.db.manager.findBy(agreement_entity_1.AgreementCopy, { datasetId }))
            agreements.set(agreement.agreementId, agreement);
        const shows = await this.lensesOn(datasetId, position);
        const deliveries = [];
        for (const disclosure of told) {
            const agreement = agreements.get(disclosure.agreementId);
            const subscription = await this.subscriptionOf(disclosure);
            const record = disclosure.isWhole ? 'included' : shows(disclosure, agreement, subscription);
            if (record === 'left-out' || !agreement)
                continue;
            deliveries.push({
                disclosureId: disclosure.disclosureId,
                disclosedAt: disclosure.disclosedAt.toISOString(),
                consumerDepartment: agreement.consumerDepartment,
                agreementId: disclosure.agreementId,
                agreementVersion: disclosure.agreementVersion,
                subscriptionId: disclosure.subscriptionId ?? undefined,
                purpose: disclosure.purpose ?? subscription?.purpose,
                mode: disclosure.mode ?? subscription?.mode,
                record,
                isDone: subscription && subscription.ackedPosition >= position,
            });
        }
        return { deliveries, isComplete: covering.length <= maxTold && !covering.some(({ isCut }) => isCut) };
    }
    covering(datasetId, position) {
        return this.db.query(`SELECT near.disclosure_id AS "disclosureId", near.agreement_id AS "agreementId",
              near.agreement_version AS "agreementVersion", near.subscription_id AS "subscriptionId", near.purpose,
              near.mode, near.records = near.last_position - near.first_position + 1 AS "isWhole",
              near.disclosed_at AS "disclosedAt", near.place >= $3 AS "isCut"
         FROM agreements
        CROSS JOIN LATERAL (
              SELECT *, row_number() OVER (ORDER BY last_position) AS place
                FROM (SELECT * FROM disclosures
                       WHERE disclosures.agreement_id = agreements.agreement_id AND last_position >= $2
                       ORDER BY last_position LIMIT $3) ending) near
        WHERE agreements.dataset_id = $1 AND near.first_position <= $2
        ORDER BY near.disclosed_at, near.disclosure_id LIMIT $4`, [datasetId, position, lookedAt, maxTold + 1]);
    }
    async subscriptionOf({ subscriptionId }) {
        if (subscriptionId === null)
            return undefined;
        return (await this.db.manager.findOneBy(subscription_entity_1.Subscription, { subscriptionId })) ?? undefined;
    }
    // What the lenses say of this one event, which is read once.
    async lensesOn(datasetId, position) {
        const dataset = await this.db.manager.findOneBy(dataset_entity_1.DatasetCopy, { datasetId });
        const { rows } = await (0, ledger_reads_sql_1.readLedger)(datasetId, position - 1, 1, this.db.manager);
        const row = rows.find((found) => found.position === position);
        return (disclosure, agreement, subscription) => {
            // A page of a query or by record key passes over what its lens would show.
            const isInOrder = subscription && subscription.webhookOrder === 'dataset';
            if (!row || !isInOrder || agreement?.version !== disclosure.agreementVersion)
                return 'possible';
            const lens = this.lenses.of(agreement, subscription.areaCode ?? undefined);
            const matched = (0, page_reader_1.matchOf)({ agreement, dataset, lens }, row);
            return matched && (0, filters_rules_1.passes)(subscription.filters, (0, filters_rules_1.visibleTo)(matched.event)) ? 'included' : 'left-out';
        };
    }
};
exports.DeliveriesOfEvents = DeliveriesOfEvents;
exports.DeliveriesOfEvents = DeliveriesOfEvents = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [typeorm_1.DataSource, lenses_1.Lenses])
], DeliveriesOfEvents);
//# sourceMappingURL=event-deliveries.js.map