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
exports.OutagesService = void 0;
const node_crypto_1 = require("node:crypto");
const contracts_1 = require("@govbus/contracts");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const subscription_entity_1 = require("../subscriptions/subscription.entity");
const outages_rules_1 = require("./outages.rules");
const outages_sql_1 = require("./outages.sql");
/** Outages of one department that are not over, at most. */
const maxOutages = 100;
/**
 * Planned outages that consumers announce. While one runs nothing is sent to them and no failure is counted; deliveries
 * go on by themselves when it ends.
 */
let OutagesService = class OutagesService {
    db;
    audit;
    clock;
    constructor(db, audit, clock) {
        this.db = db;
        this.audit = audit;
        this.clock = clock;
    }
    /**
     * Errors: `Invalid` `outage.window`; `NotFound` `subscription.unknown`; `Conflict` `outage.too-many` from the hundredth
     *   on that is not over.
     */
    announce(order, caller) {
        const { subscriptionId = null, reason } = order;
        const [from, until, now] = [new Date(order.from), new Date(order.until), this.clock.now()];
        (0, outages_rules_1.checkWindow)({ from, until }, now);
        return this.db.transaction(async (tx) => {
            if (subscriptionId !== null)
                await this.requireOwn(subscriptionId, caller, tx);
            if ((await (0, outages_sql_1.listOutages)(caller.department, maxOutages, tx)).length >= maxOutages)
                throw new contracts_1.Conflict('outage.too-many', `there are ${maxOutages} outages that are not over`);
            const outage = { outageId: (0, node_crypto_1.randomUUID)(), subscriptionId, from, until, reason };
            await (0, outages_sql_1.insertOutage)(caller.department, caller.id, now, outage, tx);
            await this.record('outages:announce', outage.outageId, caller, tx, { subscriptionId, reason });
            return outage;
        });
    }
    list(caller) {
        return (0, outages_sql_1.listOutages)(caller.department, maxOutages, this.db.manager);
    }
    /** Ends an outage early, or calls it off. Errors: `NotFound` `outage.unknown`. */
    withdraw(outageId, caller) {
        return this.db.transaction(async (tx) => {
            if (!(await (0, outages_sql_1.removeOutage)(caller.department, outageId, tx)))
                throw new contracts_1.NotFound('outage.unknown', `there is no outage \`${outageId}\``);
            await this.record('outages:withdraw', outageId, caller, tx);
        });
    }
    async requireOwn(subscriptionId, caller, tx) {
        const subscription = await tx.findOneBy(subscription_entity_1.Subscription, { subscriptionId });
        if (subscription?.consumerDepartment !== caller.department)
            throw new contracts_1.NotFound('subscription.unknown', `there is no subscription \`${subscriptionId}\``);
    }
    record(operation, outageId, caller, tx, what) {
        const about = { entity: `outage:${outageId}`, subscriptionId: what?.subscriptionId ?? undefined };
        const entry = { action: 'administer', operation, outcome: 'done', actor: (0, platform_1.actorOf)(caller) };
        return this.audit.record({ ...entry, ...about, reason: what?.reason }, tx);
    }
};
exports.OutagesService = OutagesService;
exports.OutagesService = OutagesService = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [typeorm_1.DataSource, platform_1.Audit, platform_1.Clock])
], OutagesService);
//# sourceMappingURL=outages.service.js.map