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
exports.PullService = void 0;
const contracts_1 = require("@govbus/contracts");
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const subscription_entity_1 = require("../subscriptions/subscription.entity");
const disclosure_1 = require("./disclosure");
const keys_1 = require("./keys");
const receive_decisions_1 = require("./receive-decisions");
const waiters_1 = require("./waiters");
const notBy = { pull: 'subscription.not-pulled', sse: 'subscription.not-streamed' };
/** Pages for consumers that come and ask. */
let PullService = class PullService {
    db;
    disclosures;
    decisions;
    keys;
    waiters;
    constructor(db, disclosures, decisions, keys, waiters) {
        this.db = db;
        this.disclosures = disclosures;
        this.decisions = decisions;
        this.keys = keys;
        this.waiters = waiters;
    }
    /**
     * One page; with `wait`, the first that holds something, or an empty one when the time is over.
     *
     * `onGone` is handed what to call when the client has gone away.
     */
    async pull(subscriptionId, query, caller, onGone) {
        const subscription = await this.find(subscriptionId, caller);
        const after = query.cursor === undefined ? subscription.ackedPosition : this.keys.positionIn(query.cursor, subscriptionId);
        if (query.wait === 0)
            return this.answer(await this.page(subscription, caller, after, { limit: query.limit }), subscriptionId);
        const waiter = this.waiters.open(subscription);
        onGone(() => waiter.close());
        try {
            return this.answer(await this.firstPage(subscription, caller, after, query, waiter), subscriptionId);
        }
        finally {
            waiter.close();
        }
    }
    /**
     * The subscription as it is now.
     *
     * Errors: `NotFound` `subscription.unknown`, `Conflict` `subscription.not-pulled`, `subscription.not-streamed`,
     *   `subscription.paused`. One that its agreement stopped is refused by the decision, which also explains why.
     */
    async find(subscriptionId, caller, mode = 'pull') {
        const subscription = await this.db.manager.findOneBy(subscription_entity_1.Subscription, { subscriptionId });
        if (!subscription || subscription.consumerDepartment !== caller.department)
            throw new contracts_1.NotFound('subscription.unknown', `there is no subscription \`${subscriptionId}\``);
        if (subscription.mode !== mode)
            throw new contracts_1.Conflict(notBy[mode], `the subscription is delivered by ${subscription.mode}`);
        if (subscription.status === 'paused')
            throw new contracts_1.Conflict('subscription.paused', 'the subscription is paused');
        return subscription;
    }
    /** One page, decided at this moment. */
    page(subscription, caller, after, bounds) {
        const receiver = this.decisions.receiverOf(caller);
        const operation = 'subscriptions:read';
        return this.disclosures.disclose({ subscription, receiver, operation, after, ...bounds });
    }
    // What the lens lets nothing through of is passed; each page is decided anew, the last one included.
    async firstPage(subscription, caller, after, query, waiter) {
        const endsAt = performance.now() + query.wait * 1000;
        let page = await this.page(subscription, caller, after, { limit: query.limit });
        for (;;) {
            const leftMs = endsAt - performance.now();
            if (page.events.length > 0 || waiter.isOver || leftMs <= 0)
                return page;
            if (!page.hasMore)
                await waiter.next(leftMs);
            if (waiter.isOver)
                return page;
            const now = await this.find(subscription.subscriptionId, caller);
            page = await this.page(now, caller, page.through, { limit: query.limit });
        }
    }
    answer(page, subscriptionId) {
        const { disclosureId, events, through, hasMore } = page;
        return { disclosureId, events, nextCursor: this.keys.cursorOf(subscriptionId, through), hasMore };
    }
};
exports.PullService = PullService;
exports.PullService = PullService = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [typeorm_1.DataSource, disclosure_1.Disclosures, receive_decisions_1.ReceiveDecisions, keys_1.Keys, waiters_1.Waiters])
], PullService);
//# sourceMappingURL=pull.service.js.map