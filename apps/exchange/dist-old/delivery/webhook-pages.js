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
exports.positionsOf = exports.WebhookPages = void 0;
const node_crypto_1 = require("node:crypto");
const contracts_1 = require("@govbus/contracts");
const messaging_1 = require("@govbus/messaging");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const exchange_metrics_1 = require("../operations/exchange-metrics");
const subscription_entity_1 = require("../subscriptions/subscription.entity");
const subscription_rules_1 = require("../subscriptions/subscription.rules");
const disclosure_1 = require("./disclosure");
const keys_1 = require("./keys");
const receive_decisions_1 = require("./receive-decisions");
const webhook_sender_1 = require("./webhook-sender");
const webhook_circuits_sql_1 = require("./webhook-circuits.sql");
const webhook_rules_1 = require("./webhook.rules");
const webhook_sql_1 = require("./webhook.sql");
const registryPauseMs = 500;
/** What every order of delivery has in common: pages disclosed, sent, tried again, put aside. */
let WebhookPages = class WebhookPages {
    db;
    disclosures;
    decisions;
    sender;
    metrics;
    keys;
    audit;
    clock;
    constructor(db, disclosures, decisions, sender, metrics, keys, audit, clock) {
        this.db = db;
        this.disclosures = disclosures;
        this.decisions = decisions;
        this.sender = sender;
        this.metrics = metrics;
        this.keys = keys;
        this.audit = audit;
        this.clock = clock;
    }
    /** A subscription with its sealed keys. */
    load(subscriptionId) {
        return this.db.manager
            .createQueryBuilder(subscription_entity_1.Subscription, 's')
            .addSelect(['s.webhookSecret', 's.previousWebhookSecret'])
            .where({ subscriptionId })
            .getOne();
    }
    /** A committed page. Errors: those of `Disclosures.disclose`. */
    disclose(subscription, place) {
        const receiver = this.decisions.receiverById(subscription.owner);
        return this.disclosures.disclose({ subscription, receiver, operation: 'subscriptions:deliver', ...place });
    }
    /** A committed page; undefined when there is none now, after that was noted. */
    async discloseOrWait(subscription, place) {
        try {
            return await this.disclose(subscription, place);
        }
        catch (error) {
            if (error instanceof contracts_1.Unavailable)
                await this.waitUntilIsOver(subscription, error);
            else if (error instanceof contracts_1.Forbidden)
                await this.handleDenial(subscription, error);
            else
                throw error;
            return undefined;
        }
    }
    /** Sends a committed page, or one event of it, once; a page without events has nothing to send. */
    async send(subscription, page, sending) {
        const { only, replays, isKnown, stop } = sending;
        const positions = only === undefined ? (0, exports.positionsOf)(page) : [only];
        if (positions.length === 0)
            return { result: { outcome: 'delivered' }, isOpen: false };
        const { subscriptionId, webhookUrl, webhookMaxEvents } = subscription;
        const { agreementVersion } = page;
        const [first, last] = [Math.min(...positions), Math.max(...positions)];
        const target = {
            url: webhookUrl ?? '',
            secrets: (0, webhook_rules_1.signingKeys)(subscription, this.clock.now()).map((key) => this.keys.open(key, subscriptionId)),
            id: (0, webhook_rules_1.webhookIdOf)({ subscriptionId, agreementVersion, replays, first, last }),
            only: only === undefined ? undefined : new Set([only]),
            isSingle: webhookMaxEvents === 1,
        };
        const result = await (0, messaging_1.inSpan)('webhook send', { events: positions.length }, () => this.sender.send(page, target, stop));
        this.metrics.attempted('webhook', result.outcome);
        return { result, isOpen: await this.report(subscription, result, isKnown) };
    }
    /** Tells the endpoint's circuit what came of an attempt; answers whether it is open now. */
    async report(subscription, result, isKnown) {
        if (result.outcome === 'aborted')
            return false;
        if (result.outcome === 'failed' && result.isDown)
            return (0, webhook_circuits_sql_1.fail)(subscription, result.retryAfterMs, this.db.manager);
        // Whatever it thinks of what it was sent, it is there.
        if (isKnown)
            await (0, webhook_circuits_sql_1.close)(subscription, this.db.manager);
        return false;
    }
    stopGone({ subscriptionId }) {
        return (0, webhook_sql_1.stop)(subscriptionId, subscription_rules_1.WEBHOOK_GONE, 'the receiver answered 410', this.db.manager);
    }
    async retryLater(subscription, through, error, atLeastMs) {
        const { subscriptionId, replays, ackedPosition: after } = subscription;
        const failures = subscription.failures + 1;
        const waitMs = this.waitMs(subscription, failures, atLeastMs);
        await (0, webhook_sql_1.postpone)({ subscriptionId, replays, after, through, failures, error, waitMs }, this.db.manager);
    }
    /** Milliseconds until the next attempt after so many failures in a row. */
    waitMs({ webhookRate }, failures, atLeastMs = 0) {
        return Math.max(atLeastMs, (0, webhook_rules_1.paceMs)(webhookRate) ?? 0, (0, subscription_rules_1.retryDelayMs)(failures, Math.random()));
    }
    /** Keeps the place of what is given up and nothing of what was in it; `move` says whether it still is the place. */
    async putAside(subscription, given, move) {
        const { subscriptionId, agreementId, datasetId, purpose, owner, replays } = subscription;
        const letter = { deadLetterId: (0, node_crypto_1.randomUUID)(), subscriptionId, replays, putAsideAt: this.clock.now(), ...given };
        const { after, through, records, reason } = given;
        const { id, kind, department } = this.decisions.receiverById(owner);
        const entry = {
            action: 'administer',
            operation: 'subscriptions:dead-letter',
            outcome: 'done',
            actor: { id, kind, department },
            ...{ datasetId, agreementId, subscriptionId, purpose, records },
            positions: { first: after + 1, last: through },
            reason,
        };
        await this.db.transaction(async (tx) => {
            if (await move(letter, tx))
                await this.audit.record(entry, tx);
        });
    }
    // Nobody's failure: tried again soon, or when the limit that is used up begins anew, and not counted.
    async waitUntilIsOver(subscription, passing) {
        const { subscriptionId, replays, ackedPosition: after, failures } = subscription;
        const { message: error, details } = passing;
        const waitMs = passing instanceof contracts_1.Limited ? (details.retryAfterSeconds ?? 1) * 1000 : registryPauseMs;
        await (0, webhook_sql_1.postpone)({ subscriptionId, replays, after, through: null, failures, error, waitMs }, this.db.manager);
    }
    // Denied may mean not yet, suspended for a while, or over: all are asked again, ever more rarely, and recorded.
    async handleDenial(subscription, denial) {
        const { subscriptionId, agreementId, datasetId, purpose, owner } = subscription;
        const { id, kind, department } = this.decisions.receiverById(owner);
        await this.audit.refused({
            action: 'refuse',
            operation: 'subscriptions:deliver',
            outcome: 'denied',
            actor: { id, kind, department },
            datasetId,
            agreementId,
            subscriptionId,
            purpose,
            code: denial.code,
            reason: denial.message.slice(0, 500),
        });
        await this.retryLater(subscription, null, `${denial.code}: ${denial.message}`.slice(0, 500));
    }
};
exports.WebhookPages = WebhookPages;
exports.WebhookPages = WebhookPages = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [typeorm_1.DataSource, disclosure_1.Disclosures, receive_decisions_1.ReceiveDecisions, webhook_sender_1.WebhookSender, exchange_metrics_1.ExchangeMetrics, keys_1.Keys, platform_1.Audit, platform_1.Clock])
], WebhookPages);
/** The positions of a page's events: the id of a delivered event is its position. */
const positionsOf = (page) => page.events.map(({ id }) => Number(id));
exports.positionsOf = positionsOf;
//# sourceMappingURL=webhook-pages.js.map