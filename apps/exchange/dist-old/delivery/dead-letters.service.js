"use strict";
var __createBinding = (this && this.__createBinding) || (Object.create ? (function(o, m, k, k2) {
    if (k2 === undefined) k2 = k;
    var desc = Object.getOwnPropertyDescriptor(m, k);
    if (!desc || ("get" in desc ? !m.__esModule : desc.writable || desc.configurable)) {
      desc = { enumerable: true, get: function() { return m[k]; } };
    }
    Object.defineProperty(o, k2, desc);
}) : (function(o, m, k, k2) {
    if (k2 === undefined) k2 = k;
    o[k2] = m[k];
}));
var __setModuleDefault = (this && this.__setModuleDefault) || (Object.create ? (function(o, v) {
    Object.defineProperty(o, "default", { enumerable: true, value: v });
}) : function(o, v) {
    o["default"] = v;
});
var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __importStar = (this && this.__importStar) || (function () {
    var ownKeys = function(o) {
        ownKeys = Object.getOwnPropertyNames || function (o) {
            var ar = [];
            for (var k in o) if (Object.prototype.hasOwnProperty.call(o, k)) ar[ar.length] = k;
            return ar;
        };
        return ownKeys(o);
    };
    return function (mod) {
        if (mod && mod.__esModule) return mod;
        var result = {};
        if (mod != null) for (var k = ownKeys(mod), i = 0; i < k.length; i++) if (k[i] !== "default") __createBinding(result, mod, k[i]);
        __setModuleDefault(result, mod);
        return result;
    };
})();
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.DeadLettersService = void 0;
const contracts_1 = require("@govbus/contracts");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const list_cursor_1 = require("../subscriptions/list-cursor");
const sql = __importStar(require("./dead-letters.sql"));
const webhook_pages_1 = require("./webhook-pages");
const webhook_worker_1 = require("./webhook.worker");
/** Milliseconds after which another may try a page whose redriving never ended: more than its attempts last. */
const busyMs = 120_000;
/** The pages that webhooks' receivers did not take. */
let DeadLettersService = class DeadLettersService {
    db;
    pages;
    worker;
    audit;
    clock;
    constructor(db, pages, worker, audit, clock) {
        this.db = db;
        this.pages = pages;
        this.worker = worker;
        this.audit = audit;
        this.clock = clock;
    }
    async list(subscriptionId, query, caller) {
        await this.find(subscriptionId, caller);
        return sql.listDeadLetters(subscriptionId, (0, list_cursor_1.readListCursor)(query.cursor), query.limit + 1, this.db.manager);
    }
    /**
     * Delivers the positions of one page anew, through the lens and under the decision of this moment.
     *
     * Errors: `NotFound` `dead-letter.unknown`; `Conflict` `subscription.not-active`, `dead-letter.busy` while another
     *   redrives it; `Forbidden` `decision.denied` as for each page.
     */
    async redrive(subscriptionId, deadLetterId, caller) {
        const subscription = await this.find(subscriptionId, caller);
        const letter = await sql.findDeadLetter(subscriptionId, deadLetterId, this.db.manager);
        if (!letter)
            throw new contracts_1.NotFound('dead-letter.unknown', `there is no dead letter \`${deadLetterId}\``);
        // One that its agreement stopped is refused by the decision, which also explains why.
        const { status, stopReason } = subscription;
        if (status !== 'active' && !stopReason?.startsWith('agreement.'))
            throw new contracts_1.Conflict('subscription.not-active', `the subscription is ${status}`);
        const now = this.clock.now();
        if (!(await sql.claim(deadLetterId, now, new Date(now.getTime() + busyMs), this.db.manager)))
            throw new contracts_1.Conflict('dead-letter.busy', 'the dead letter is being delivered already');
        await this.record(subscription, letter, caller);
        return this.worker.cutOff(subscription.agreementId, (stop) => this.deliver(subscription, letter, stop));
    }
    // Under wider terms than before one page may have become several.
    async deliver(subscription, letter, stop) {
        const { replays, through: until } = letter;
        const positions = [];
        let { after } = letter;
        let reason;
        try {
            while (after < until) {
                const page = await this.pages.disclose(subscription, { after, limit: subscription.webhookMaxEvents, until });
                // Asked for by a person: it goes whatever the circuit says, and tells it what came of it.
                const { result } = await this.pages.send(subscription, page, { replays, isKnown: true, stop });
                if (result.outcome !== 'delivered') {
                    if (result.outcome !== 'aborted')
                        reason = result.outcome === 'gone' ? 'the receiver answered 410' : result.error;
                    return { delivered: false, error: reason ?? 'cut off, because the agreement changed' };
                }
                after = page.through;
                positions.push(...(0, webhook_pages_1.positionsOf)(page));
            }
            await this.db.transaction((tx) => sql.removeDelivered(letter, positions, tx));
            return { delivered: true };
        }
        finally {
            if (after < until)
                await this.db.transaction((tx) => sql.putBack({ letter, after, positions, reason }, tx));
        }
    }
    async find(subscriptionId, caller) {
        const subscription = await this.pages.load(subscriptionId);
        if (!subscription || subscription.consumerDepartment !== caller.department)
            throw new contracts_1.NotFound('subscription.unknown', `there is no subscription \`${subscriptionId}\``);
        return subscription;
    }
    record(subscription, letter, caller) {
        const { subscriptionId, agreementId, datasetId, purpose } = subscription;
        const positions = { first: letter.after + 1, last: letter.through };
        const about = { datasetId, agreementId, subscriptionId, purpose, positions };
        const actor = (0, platform_1.actorOf)(caller);
        const operation = 'subscriptions:redrive';
        return this.db.transaction((tx) => this.audit.record({ action: 'administer', operation, outcome: 'done', actor, ...about }, tx));
    }
};
exports.DeadLettersService = DeadLettersService;
exports.DeadLettersService = DeadLettersService = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [typeorm_1.DataSource, webhook_pages_1.WebhookPages, webhook_worker_1.WebhookWorker, platform_1.Audit, platform_1.Clock])
], DeadLettersService);
//# sourceMappingURL=dead-letters.service.js.map