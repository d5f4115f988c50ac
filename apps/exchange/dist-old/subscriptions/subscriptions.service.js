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
exports.SubscriptionsService = void 0;
const node_crypto_1 = require("node:crypto");
const contracts_1 = require("@govbus/contracts");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const agreement_lock_1 = require("../agreements/agreement-lock");
const app_config_1 = require("../app.config");
const addresses_1 = require("../delivery/addresses");
const denial_rules_1 = require("../delivery/denial.rules");
const disclosure_sql_1 = require("../delivery/disclosure.sql");
const keys_1 = require("../delivery/keys");
const receive_decisions_1 = require("../delivery/receive-decisions");
const webhook_circuits_sql_1 = require("../delivery/webhook-circuits.sql");
const webhook_held_sql_1 = require("../delivery/webhook-held.sql");
const share_topics_sql_1 = require("../delivery/share-topics.sql");
const area_rules_1 = require("./area.rules");
const ledger_reads_sql_1 = require("../ledger/ledger-reads.sql");
const over_scope_1 = require("../enforcement/over-scope");
const filters_rules_1 = require("./filters.rules");
const list_cursor_1 = require("./list-cursor");
const subscription_entity_1 = require("./subscription.entity");
const subscription_views_1 = require("./subscription-views");
const start_rules_1 = require("./start.rules");
const subscription_rules_1 = require("./subscription.rules");
let SubscriptionsService = class SubscriptionsService {
    db;
    decisions;
    overScope;
    keys;
    audit;
    clock;
    config;
    constructor(db, decisions, overScope, keys, audit, clock, config) {
        this.db = db;
        this.decisions = decisions;
        this.overScope = overScope;
        this.keys = keys;
        this.audit = audit;
        this.clock = clock;
        this.config = config;
    }
    create(order, caller) {
        const url = this.urlOf(order);
        const from = (0, start_rules_1.readStart)(order.startFrom, '/startFrom');
        const filters = (0, filters_rules_1.readFilters)(order.filters ?? [], '/filters');
        const { agreementId, purpose, mode, caseReference } = order;
        const use = { agreementId, receiver: this.decisions.receiverOf(caller), purpose, mode, caseReference };
        return this.overScope.watch(use, () => this.make(order, { url, from, filters }, caller));
    }
    make(order, { url, from, filters }, caller) {
        return this.db.transaction(async (tx) => {
            const agreement = await this.requireAgreement(order, caller, tx);
            if (order.areaCode !== undefined)
                (0, area_rules_1.requireArea)(order.areaCode, agreement.terms);
            const head = await (0, disclosure_sql_1.headOf)(agreement.datasetId, tx);
            const subscriptionId = (0, node_crypto_1.randomUUID)();
            const secret = url && newSecret();
            const start = await startAt(from, agreement.datasetId, head, tx);
            const subscription = tx.create(subscription_entity_1.Subscription, {
                subscriptionId,
                agreementId: agreement.agreementId,
                datasetId: agreement.datasetId,
                consumerDepartment: caller.department,
                owner: caller.id,
                purpose: order.purpose,
                caseReference: order.caseReference ?? null,
                areaCode: order.areaCode ?? null,
                mode: order.mode,
                webhookUrl: url ?? null,
                webhookSecret: secret ? this.keys.seal(secret, subscriptionId) : null,
                filters,
                previousWebhookSecret: null,
                previousSecretUntil: null,
                webhookHandshake: order.webhook?.handshake ?? false,
                webhookConsentedUrl: null,
                webhookRate: null,
                webhookOrder: order.webhook?.order ?? 'dataset',
                webhookMaxEvents: maxEventsOf(order),
                held: 0,
                heldFrom: null,
                heldDueAt: null,
                status: 'active',
                stopReason: null,
                statusBeforeStop: null,
                ackedPosition: start,
                disclosedPosition: start,
                replays: 0,
                pageThrough: null,
                maxAttempts: order.webhook?.maxAttempts ?? defaultMaxAttempts,
                pageAttempts: 0,
                deadLetters: 0,
                delivered: 0,
                lastDeliveredAt: null,
                failures: 0,
                lastError: null,
                nextAttemptAt: null,
                createdAt: this.clock.now(),
                version: 1,
            });
            await tx.insert(subscription_entity_1.Subscription, subscription);
            if (order.mode === 'kafka')
                await (0, share_topics_sql_1.wantTopic)(subscriptionId, this.clock.now(), tx);
            await this.record('subscriptions:create', subscription, caller, tx);
            return { ...(await (0, subscription_views_1.viewOf)(subscription, tx)), secret };
        });
    }
    async list(query, caller) {
        const behind = (0, list_cursor_1.readListCursor)(query.cursor);
        const rows = this.db.manager
            .createQueryBuilder(subscription_entity_1.Subscription, 's')
            .where('s.consumerDepartment = :department', { department: caller.department })
            .orderBy('s.createdAt')
            .addOrderBy('s.subscriptionId')
            .limit(query.limit + 1);
        if (query.agreementId)
            rows.andWhere('s.agreementId = :agreementId', { agreementId: query.agreementId });
        if (behind)
            rows.andWhere('(s.createdAt, s.subscriptionId) > (:at, :id)', behind);
        return (0, subscription_views_1.viewsOf)(await rows.getMany(), this.db.manager);
    }
    async get(subscriptionId, caller) {
        const subscription = await this.db.manager.findOneBy(subscription_entity_1.Subscription, { subscriptionId });
        if (!subscription || subscription.consumerDepartment !== caller.department)
            throw unknown(subscriptionId);
        return (0, subscription_views_1.viewOf)(subscription, this.db.manager);
    }
    pause(id, ifMatch, caller) {
        return this.change(id, 'subscriptions:pause', ifMatch, caller, subscription_rules_1.pause);
    }
    resume(id, ifMatch, caller) {
        return this.change(id, 'subscriptions:resume', ifMatch, caller, (subscription) => {
            return { ...(0, subscription_rules_1.resume)(subscription), failures: 0, pageAttempts: 0, nextAttemptAt: null, lastError: null };
        });
    }
    /** Everything up to the cursor is done with; safe to repeat. */
    ack(subscriptionId, cursor, caller) {
        return this.db.transaction(async (tx) => {
            const subscription = await this.lockOwn(subscriptionId, caller, tx);
            subscription.ackedPosition = (0, subscription_rules_1.acknowledge)(subscription, this.keys.positionIn(cursor, subscriptionId));
            await tx.update(subscription_entity_1.Subscription, { subscriptionId }, { ackedPosition: subscription.ackedPosition });
            return (0, subscription_views_1.viewOf)(subscription, tx);
        });
    }
    /** Goes on from another place of the ledger; what is on its way to a webhook no longer counts. */
    seek(id, order, ifMatch, caller) {
        const to = (0, start_rules_1.readStart)(order.to, '/to');
        return this.change(id, 'subscriptions:seek', ifMatch, caller, async (subscription, tx) => {
            const { datasetId } = subscription;
            const after = await startAt(to, datasetId, await (0, disclosure_sql_1.headOf)(datasetId, tx), tx);
            return { ...(0, start_rules_1.seek)(subscription, after), ...(await (0, webhook_held_sql_1.dropHeld)(id, null, tx)) };
        });
    }
    /**
     * Passes over what is next, such as an event that the receiver cannot take; of what is held behind the cursor, too.
     *
     * Errors: `Invalid` `position.not-ahead`, `position.beyond-head`.
     */
    skip(id, order, ifMatch, caller) {
        const to = order.to === undefined ? undefined : (0, start_rules_1.readStart)(order.to, '/to');
        if ((to === undefined) === (order.count === undefined))
            throw new contracts_1.Invalid('request.invalid', 'either `to` or `count` says how far to go');
        const { count = 0, reason } = order;
        return this.db.transaction(async (tx) => {
            const subscription = await this.lockOwn(id, caller, tx);
            (0, platform_1.assertIfMatch)(ifMatch, subscription.version);
            const from = (0, start_rules_1.donePosition)(subscription);
            const head = await (0, disclosure_sql_1.headOf)(subscription.datasetId, tx);
            const through = await startAt(to ?? { position: from + count + 1 }, subscription.datasetId, head, tx);
            const changed = { ...(0, start_rules_1.skip)(subscription, through), ...(await (0, webhook_held_sql_1.dropHeld)(id, through, tx)) };
            await tx.update(subscription_entity_1.Subscription, { subscriptionId: id }, changed);
            const what = { positions: { first: from + 1, last: through }, reason };
            await this.record('subscriptions:skip', subscription, caller, tx, what);
            return (0, subscription_views_1.viewOf)(Object.assign(subscription, changed), tx);
        });
    }
    /** Errors: `Conflict` `subscription.no-webhook` for one that is pulled. */
    async rotateSecret(id, order, ifMatch, caller) {
        const secret = newSecret();
        const changed = await this.change(id, 'subscriptions:rotate-secret', ifMatch, caller, async (subscription, tx) => {
            if (subscription.mode !== 'webhook')
                throw new contracts_1.Conflict('subscription.no-webhook', `the subscription is delivered by ${subscription.mode}`);
            await tx.query('UPDATE subscriptions SET previous_webhook_secret = webhook_secret WHERE subscription_id = $1', [
                id,
            ]);
            const previousSecretUntil = new Date(this.clock.now().getTime() + order.overlapHours * 3_600_000);
            return { webhookSecret: this.keys.seal(secret, id), previousSecretUntil, version: subscription.version + 1 };
        });
        return { ...changed, secret };
    }
    remove(subscriptionId, ifMatch, caller) {
        return this.db.transaction(async (tx) => {
            const subscription = await this.lockOwn(subscriptionId, caller, tx);
            (0, platform_1.assertIfMatch)(ifMatch, subscription.version);
            await tx.delete(subscription_entity_1.Subscription, { subscriptionId });
            await (0, webhook_circuits_sql_1.forget)(subscription, tx);
            if (subscription.mode === 'kafka')
                await (0, share_topics_sql_1.unwantTopic)(subscriptionId, this.clock.now(), tx);
            await this.record('subscriptions:delete', subscription, caller, tx);
        });
    }
    change(subscriptionId, operation, ifMatch, caller, rule) {
        return this.db.transaction(async (tx) => {
            const subscription = await this.lockOwn(subscriptionId, caller, tx);
            (0, platform_1.assertIfMatch)(ifMatch, subscription.version);
            const changed = await rule(subscription, tx);
            await tx.update(subscription_entity_1.Subscription, { subscriptionId }, changed);
            await this.record(operation, subscription, caller, tx);
            return (0, subscription_views_1.viewOf)(Object.assign(subscription, changed), tx);
        });
    }
    async lockOwn(subscriptionId, caller, tx) {
        const subscription = await (0, platform_1.lockOrFail)(subscription_entity_1.Subscription, { subscriptionId }, tx);
        if (subscription.consumerDepartment !== caller.department)
            throw unknown(subscriptionId);
        return subscription;
    }
    async requireAgreement(order, caller, tx) {
        const { agreementId } = order;
        const agreement = await (0, agreement_lock_1.holdAgreement)(agreementId, tx);
        const receiver = this.decisions.receiverOf(caller);
        const about = { agreementId, datasetId: agreement?.datasetId, purpose: order.purpose };
        if (!agreement)
            throw (0, denial_rules_1.denialOf)(agreement, receiver, undefined, about);
        const decision = this.decisions.decide(agreement, receiver, order);
        if (!decision.allowed)
            throw (0, denial_rules_1.denialOf)(agreement, receiver, decision, about);
        return agreement;
    }
    urlOf(order) {
        if ((order.mode === 'webhook') !== (order.webhook !== undefined))
            throw new contracts_1.Invalid('request.invalid', '`webhook` belongs to the mode `webhook`, and only to it');
        return order.webhook && (0, addresses_1.webhookUrl)(order.webhook.url, this.config.WEBHOOK_ALLOW_PRIVATE === 'true').href;
    }
    record(operation, subscription, caller, tx, what = {}) {
        const { subscriptionId, agreementId, datasetId, purpose } = subscription;
        const actor = (0, platform_1.actorOf)(caller);
        const caseReference = subscription.caseReference ?? undefined;
        const about = { datasetId, agreementId, subscriptionId, purpose, caseReference };
        return this.audit.record({ action: 'administer', operation, outcome: 'done', actor, ...about, ...what }, tx);
    }
};
exports.SubscriptionsService = SubscriptionsService;
exports.SubscriptionsService = SubscriptionsService = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [typeorm_1.DataSource, receive_decisions_1.ReceiveDecisions, over_scope_1.OverScope, keys_1.Keys, platform_1.Audit, platform_1.Clock, app_config_1.AppConfig])
], SubscriptionsService);
async function startAt(start, datasetId, head, tx) {
    if (typeof start === 'string' || 'position' in start)
        return (0, start_rules_1.positionBefore)(start, head);
    return ((await (0, ledger_reads_sql_1.positionAt)(datasetId, new Date(start.time), head, tx)) ?? head + 1) - 1;
}
/** Failed attempts after which a page is put aside, unless the subscription says another number. */
const defaultMaxAttempts = 20;
/** Events in one request, unless the subscription says another number. */
const defaultMaxEvents = 100;
function maxEventsOf({ webhook }) {
    if (webhook?.order !== 'key')
        return webhook?.maxEvents ?? defaultMaxEvents;
    if (webhook.maxEvents !== undefined && webhook.maxEvents !== 1)
        throw new contracts_1.Invalid('request.invalid', 'with the order `key` each event goes by itself', {
            faults: [{ pointer: '/webhook/maxEvents', code: 'maxEvents', detail: 'must be 1 with the order `key`' }],
        });
    return 1;
}
const newSecret = () => `whsec_${(0, node_crypto_1.randomBytes)(32).toString('base64')}`;
const unknown = (subscriptionId) => new contracts_1.NotFound('subscription.unknown', `there is no subscription \`${subscriptionId}\``);
//# sourceMappingURL=subscriptions.service.js.map