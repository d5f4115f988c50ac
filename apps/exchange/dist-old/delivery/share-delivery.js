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
exports.ShareDelivery = void 0;
const contracts_1 = require("@govbus/contracts");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const subscription_entity_1 = require("../subscriptions/subscription.entity");
const subscription_rules_1 = require("../subscriptions/subscription.rules");
const exchange_metrics_1 = require("../operations/exchange-metrics");
const disclosure_1 = require("./disclosure");
const lease_sql_1 = require("./lease.sql");
const receive_decisions_1 = require("./receive-decisions");
const share_rules_1 = require("./share.rules");
const share_sql_1 = require("./share.sql");
const share_sender_1 = require("./share-sender");
const share_topics_sql_1 = require("./share-topics.sql");
// A page fits into one request, beside those of others (`Producer`).
const [pageLimit, pageBytes] = [1_000, 640 * 1024];
/** Pages before the lease is given back, so that many subscriptions share few processes. */
const maxPages = 50;
const noTopicPauseMs = 250;
/** Delivers one leased subscription to its topic: page after page, each disclosed, sent, confirmed. */
let ShareDelivery = class ShareDelivery {
    db;
    disclosures;
    decisions;
    sender;
    metrics;
    audit;
    clock;
    constructor(db, disclosures, decisions, sender, metrics, audit, clock) {
        this.db = db;
        this.disclosures = disclosures;
        this.decisions = decisions;
        this.sender = sender;
        this.metrics = metrics;
        this.audit = audit;
        this.clock = clock;
    }
    /** Ends when nothing is left, an attempt failed, the lease is lost, or `stop` or `isStopping` says so. */
    async run(owner, subscriptionId, stop, isStopping) {
        for (let pages = 0; pages < maxPages && !stop.aborted && !isStopping(); pages += 1) {
            if (!(await (0, lease_sql_1.renew)(owner, subscriptionId, this.clock.now(), this.db.manager)))
                return;
            const subscription = await this.db.manager.findOneBy(subscription_entity_1.Subscription, { subscriptionId });
            if (!subscription)
                return;
            if (pages === 0 && !(await (0, share_topics_sql_1.isTopicThere)(subscriptionId, this.db.manager)))
                return this.postpone(owner, subscription, subscription.failures, 'the topic is not there yet', noTopicPauseMs);
            if (!(await this.sharePage(owner, subscription, stop)))
                return;
        }
    }
    async sharePage(owner, subscription, stop) {
        const receiver = this.decisions.receiverById(subscription.owner);
        const { subscriptionId, ackedPosition: after } = subscription;
        let page;
        try {
            page = await this.disclose(subscription, receiver);
            await this.sender.send(subscription, page, stop);
            this.metrics.attempted('kafka', 'delivered');
        }
        catch (error) {
            if (!(error instanceof contracts_1.DomainError))
                throw error;
            if (page)
                this.metrics.attempted('kafka', error.code === 'bus.withdrawn' ? 'aborted' : 'failed');
            await this.handle(error, owner, subscription, receiver);
            return false;
        }
        const positions = page.events.map(({ id }) => Number(id));
        const shared = { owner, subscriptionId, after, through: page.through, positions };
        return (await (0, share_sql_1.confirmShared)(shared, this.db.manager)) && page.hasMore;
    }
    disclose(subscription, receiver) {
        const operation = 'subscriptions:deliver';
        const bounds = { after: subscription.ackedPosition, limit: pageLimit, maxBytes: pageBytes };
        return this.disclosures.disclose({ subscription, receiver, operation, ...bounds });
    }
    async handle(error, owner, subscription, receiver) {
        const { code, message } = error;
        const { subscriptionId, failures } = subscription;
        // The agreement changed: leased again, it is decided anew.
        if (code === 'bus.withdrawn')
            return;
        if (code === 'bus.unavailable') {
            await (0, share_topics_sql_1.doubtTopic)(subscriptionId, this.clock.now(), this.db.manager);
            return this.postpone(owner, subscription, failures + 1, message, (0, share_rules_1.resendDelayMs)(failures + 1, Math.random()));
        }
        if (error instanceof contracts_1.Forbidden)
            return this.handleDenial(error, owner, subscription, receiver);
        // Nobody's failure (registry stale, limit reached, too much on its way): it passes by itself.
        const { status, headers } = (0, platform_1.problemOf)(error);
        if (status !== 503 && status !== 429)
            throw error;
        await this.postpone(owner, subscription, failures, message, Number(headers['retry-after'] ?? 1) * 1000);
    }
    // Denied may mean not yet, suspended for a while, or over: all are asked again, ever more rarely, and recorded.
    async handleDenial({ code, message }, owner, subscription, receiver) {
        const { subscriptionId, agreementId, datasetId, purpose } = subscription;
        const failures = subscription.failures + 1;
        await this.audit.refused({
            action: 'refuse',
            operation: 'subscriptions:deliver',
            outcome: 'denied',
            actor: { id: receiver.id, kind: receiver.kind, department: receiver.department },
            ...{ datasetId, agreementId, subscriptionId, purpose },
            code,
            reason: message.slice(0, 500),
        });
        const reason = `${code}: ${message}`;
        await this.postpone(owner, subscription, failures, reason, (0, subscription_rules_1.retryDelayMs)(failures, Math.random()));
    }
    postpone(owner, { subscriptionId, ackedPosition: after }, failures, reason, pauseMs) {
        const until = new Date(this.clock.now().getTime() + pauseMs);
        const error = reason.slice(0, 500);
        return (0, share_sql_1.postponeShared)({ owner, subscriptionId, after, failures, error, until }, this.db.manager);
    }
};
exports.ShareDelivery = ShareDelivery;
exports.ShareDelivery = ShareDelivery = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [typeorm_1.DataSource, disclosure_1.Disclosures, receive_decisions_1.ReceiveDecisions, share_sender_1.ShareSender, exchange_metrics_1.ExchangeMetrics, platform_1.Audit, platform_1.Clock])
], ShareDelivery);
//# sourceMappingURL=share-delivery.js.map