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
exports.WebhookDelivery = void 0;
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const subscription_rules_1 = require("../subscriptions/subscription.rules");
const dead_letters_sql_1 = require("./dead-letters.sql");
const lease_sql_1 = require("./lease.sql");
const webhook_circuits_sql_1 = require("./webhook-circuits.sql");
const webhook_keyed_1 = require("./webhook-keyed");
const webhook_pages_1 = require("./webhook-pages");
const webhook_sender_1 = require("./webhook-sender");
const webhook_rules_1 = require("./webhook.rules");
const webhook_sql_1 = require("./webhook.sql");
/** Turns before the lease is given back, so that many subscriptions share few processes. */
const maxTurns = 50;
/** A lease that is younger needs no renewal between two requests of one turn. */
const freshMs = 5_000;
/** Delivers one leased subscription: page after page, each disclosed, sent, confirmed. */
let WebhookDelivery = class WebhookDelivery {
    db;
    pages;
    keyed;
    sender;
    clock;
    constructor(db, pages, keyed, sender, clock) {
        this.db = db;
        this.pages = pages;
        this.keyed = keyed;
        this.sender = sender;
        this.clock = clock;
    }
    /** Ends when nothing is left, an attempt failed, the lease is lost, or `stop` or `isStopping` says so. */
    async run(owner, subscriptionId, stop, isStopping) {
        for (let turns = 0; turns < maxTurns && !stop.aborted && !isStopping(); turns += 1) {
            if (!(await (0, lease_sql_1.renew)(owner, subscriptionId, this.clock.now(), this.db.manager)))
                return;
            const subscription = await this.pages.load(subscriptionId);
            if (!subscription)
                return;
            const entry = await (0, webhook_circuits_sql_1.enter)(subscription, this.db.manager);
            if (entry.pass === 'none' || !(await this.isWelcome(subscription, entry, stop)))
                return;
            const turn = { subscription, entry, stop, keepLease: this.leaseOf(owner, subscriptionId) };
            const goesOn = subscription.webhookOrder === 'key' ? await this.keyed.deliver(turn) : await this.deliverPage(turn);
            if (!goesOn)
                return;
        }
    }
    leaseOf(owner, subscriptionId) {
        let renewedAt = performance.now();
        return async () => {
            if (performance.now() - renewedAt < freshMs)
                return true;
            renewedAt = performance.now();
            return (0, lease_sql_1.renew)(owner, subscriptionId, this.clock.now(), this.db.manager);
        };
    }
    async deliverPage({ subscription, entry, stop }) {
        const { subscriptionId, ackedPosition: after, pageThrough, replays, webhookMaxEvents: limit } = subscription;
        const until = pageThrough !== null && pageThrough > after ? pageThrough : undefined;
        const page = await this.pages.discloseOrWait(subscription, { after, limit, until });
        if (!page)
            return false;
        const { through } = page;
        const positions = (0, webhook_pages_1.positionsOf)(page);
        const { isKnown } = entry;
        const { result } = await this.pages.send(subscription, page, { replays, isKnown, stop });
        if (result.outcome === 'gone')
            await this.pages.stopGone(subscription);
        if (result.outcome === 'failed')
            await this.handleFailure(subscription, page, result);
        if (result.outcome !== 'delivered')
            return false;
        // One that keeps a rate gives its lease back and is leased again when the next page is due.
        const pauseMs = positions.length > 0 ? (0, webhook_rules_1.paceMs)(subscription.webhookRate) : null;
        await (0, webhook_sql_1.confirm)({ subscriptionId, replays, after, through, positions, pauseMs }, this.db.manager);
        return page.hasMore && pauseMs === null;
    }
    // Asked before the first delivery to an address, where the subscription wants it.
    async isWelcome(subscription, { isKnown }, stop) {
        const { subscriptionId, webhookHandshake, webhookConsentedUrl, webhookUrl: url } = subscription;
        if (!webhookHandshake || url === null || webhookConsentedUrl === url)
            return true;
        const answer = await this.sender.ask(url, stop);
        if (answer.outcome === 'allowed') {
            await (0, webhook_sql_1.noteConsent)(subscriptionId, url, answer.rate, this.db.manager);
            subscription.webhookRate = answer.rate ?? null;
            return true;
        }
        if (answer.outcome === 'refused') {
            await (0, webhook_sql_1.stop)(subscriptionId, subscription_rules_1.WEBHOOK_NOT_ALLOWED, answer.error, this.db.manager);
            return false;
        }
        await this.pages.report(subscription, answer, isKnown);
        if (answer.outcome === 'gone')
            await this.pages.stopGone(subscription);
        if (answer.outcome === 'failed')
            await this.pages.retryLater(subscription, null, answer.error, answer.retryAfterMs);
        return false;
    }
    async handleFailure(subscription, page, result) {
        const { ackedPosition: after, pageAttempts, maxAttempts } = subscription;
        const { through } = page;
        const { error: reason, retryAfterMs } = result;
        const attempts = pageAttempts + 1;
        if (attempts < maxAttempts)
            return this.pages.retryLater(subscription, through, reason, retryAfterMs);
        // What is behind it goes on soon.
        const waitMs = this.pages.waitMs(subscription, 1, retryAfterMs);
        const given = { after, through, records: page.events.length, reason, attempts };
        await this.pages.putAside(subscription, given, (letter, tx) => (0, dead_letters_sql_1.putAside)(letter, waitMs, tx));
    }
};
exports.WebhookDelivery = WebhookDelivery;
exports.WebhookDelivery = WebhookDelivery = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [typeorm_1.DataSource, webhook_pages_1.WebhookPages, webhook_keyed_1.WebhookKeyed, webhook_sender_1.WebhookSender, platform_1.Clock])
], WebhookDelivery);
//# sourceMappingURL=webhook-delivery.js.map