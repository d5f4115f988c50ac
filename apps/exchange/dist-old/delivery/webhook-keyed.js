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
exports.WebhookKeyed = void 0;
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const lease_sql_1 = require("./lease.sql");
const webhook_pages_1 = require("./webhook-pages");
const sql = __importStar(require("./webhook-held.sql"));
const webhook_rules_1 = require("./webhook.rules");
const pageLimit = 100;
/** Requests to one receiver at once. */
const width = 8;
/** Held events that are tried in one turn. */
const heldLimit = 64;
/** How sending went: `sent` requests, of which some arrived; `isOver`: nothing more of this turn goes out. */
class Progress {
    sent = 0;
    delivered = [];
    held = [];
    isOver = false;
}
/**
 * Delivers by record keys: each event in a request of its own, those of one key one after the other, those of several at
 * the same time. An event that fails is held and holds the later ones of its key; the cursor goes on.
 */
let WebhookKeyed = class WebhookKeyed {
    db;
    pages;
    constructor(db, pages) {
        this.db = db;
        this.pages = pages;
    }
    /** One turn; false when there is nothing more to do now. */
    async deliver(turn) {
        // A probe is spent on something new if there is: what is held may be what the receiver dislikes.
        const isHeldFirst = turn.entry.pass === 'free';
        const held = isHeldFirst ? await this.deliverHeld(turn) : new Progress();
        if (held.isOver)
            return false;
        const { subscription } = turn;
        const paged = subscription.held >= lease_sql_1.maxHeld ? undefined : await this.deliverPage(turn);
        if (paged === false)
            return false;
        const { hasMore, sent } = paged ?? { hasMore: false, sent: 0 };
        if (isHeldFirst || sent > 0)
            return hasMore || held.delivered.length > 0;
        const late = await this.deliverHeld(turn);
        return !late.isOver && late.delivered.length > 0;
    }
    async deliverPage(turn) {
        const { subscription } = turn;
        const { subscriptionId, replays, ackedPosition: after, pageThrough, webhookRate } = subscription;
        const until = pageThrough !== null && pageThrough > after ? pageThrough : undefined;
        const limit = webhookRate === null ? pageLimit : 1;
        const page = await this.pages.discloseOrWait(subscription, { after, limit, until });
        if (!page)
            return false;
        const { through } = page;
        if (through === after)
            return { hasMore: false, sent: 0 };
        const found = await this.lanesIn(turn, page);
        const progress = await this.sendLanes(turn, found);
        const { delivered, sent } = progress;
        const [failed] = progress.held.filter(({ error }) => error !== null);
        // An endpoint that is down, or a lease that ended, is no fault of the events: the page waits as a whole.
        if (progress.isOver && delivered.length === 0) {
            if (failed)
                await this.pages.retryLater(subscription, through, failed.error ?? '', failed.waitMs ?? 0);
            return false;
        }
        const held = [...progress.held, ...found.behind.map((event) => ({ ...event, ...waiting }))];
        const pauseMs = sent > 0 ? (0, webhook_rules_1.paceMs)(webhookRate) : null;
        const passed = { subscriptionId, replays, after, through, delivered, held, pauseMs };
        await this.db.transaction((tx) => sql.passPage(passed, tx));
        await this.giveUp(turn, progress);
        return pauseMs === null && !progress.isOver && { hasMore: page.hasMore, sent };
    }
    async lanesIn({ subscription }, page) {
        const { subscriptionId, datasetId } = subscription;
        const positions = (0, webhook_pages_1.positionsOf)(page);
        const keys = await sql.keysOf(datasetId, positions, this.db.manager);
        const events = positions.map((position) => ({ position, keyDigest: (0, webhook_rules_1.keyDigestOf)(keys.get(position) ?? null) }));
        const digests = [...new Set(events.map(({ keyDigest }) => keyDigest))];
        const held = await sql.heldAmong(subscriptionId, digests, this.db.manager);
        return { page, ...(0, webhook_rules_1.lanesOf)(events, held) };
    }
    async sendLanes(turn, { page, lanes }) {
        const progress = new Progress();
        await inParallel(lanes, turn.entry.pass === 'probe' ? 1 : width, async ({ keyDigest, positions }) => {
            const rest = [...positions];
            for (const position of positions) {
                if (await this.isOver(turn, progress))
                    break;
                const result = await this.send(turn, page, position, progress);
                if (result.outcome !== 'delivered' && result.outcome !== 'failed')
                    break;
                rest.shift();
                if (result.outcome === 'delivered')
                    progress.delivered.push(position);
                else {
                    const waitMs = this.pages.waitMs(turn.subscription, 1, result.retryAfterMs);
                    progress.held.push({ position, keyDigest, attempts: 1, waitMs, error: result.error });
                    break;
                }
            }
            progress.held.push(...rest.map((position) => ({ position, keyDigest, ...waiting })));
        });
        return progress;
    }
    async deliverHeld(turn) {
        const progress = new Progress();
        const { subscription, entry } = turn;
        if (subscription.held === 0)
            return progress;
        const isOne = subscription.webhookRate !== null || entry.pass === 'probe';
        const due = await sql.dueHeld(subscription.subscriptionId, isOne ? 1 : heldLimit, this.db.manager);
        await inParallel(due, width, async (one) => {
            if (!(await this.isOver(turn, progress)))
                await this.deliverOne(turn, one, progress);
        });
        if (progress.sent > 0 && subscription.webhookRate !== null)
            progress.isOver = true;
        return progress;
    }
    async deliverOne(turn, { position, attempts }, progress) {
        const { subscription } = turn;
        const { subscriptionId, webhookRate, maxAttempts } = subscription;
        const place = { after: position - 1, limit: 1, until: position };
        const page = await this.pages.discloseOrWait(subscription, place);
        if (!page) {
            progress.isOver = true;
            return;
        }
        const isThere = page.events.length > 0;
        const settled = { subscriptionId, position, pauseMs: isThere ? (0, webhook_rules_1.paceMs)(webhookRate) : null };
        const result = isThere ? await this.send(turn, page, position, progress) : undefined;
        if (result?.outcome === 'failed') {
            const { error: reason, retryAfterMs } = result;
            const tried = { attempts: attempts + 1, waitMs: this.pages.waitMs(subscription, attempts + 1, retryAfterMs) };
            if (tried.attempts >= maxAttempts)
                return this.putAside(turn, position, tried.attempts, reason);
            return this.db.transaction((tx) => sql.postponeHeld({ ...settled, ...tried, error: reason }, tx));
        }
        if (result && result.outcome !== 'delivered')
            return;
        await this.db.transaction((tx) => sql.settleHeld({ ...settled, isDelivered: isThere }, tx));
        progress.delivered.push(position);
    }
    /** Sends one event of a page and notes what that means for what is behind it. */
    async send(turn, page, position, progress) {
        const { subscription, entry, stop } = turn;
        const { replays } = subscription;
        progress.sent += 1;
        const sending = { only: position, replays, isKnown: entry.isKnown, stop };
        const { result, isOpen } = await this.pages.send(subscription, page, sending);
        entry.isKnown = result.outcome === 'failed' && result.isDown;
        if (result.outcome === 'gone')
            await this.pages.stopGone(subscription);
        if (isOpen || result.outcome === 'gone' || result.outcome === 'aborted')
            progress.isOver = true;
        return result;
    }
    // An event that may be tried only once is given up at once.
    async giveUp(turn, { held }) {
        if (turn.subscription.maxAttempts > 1)
            return;
        for (const { position, attempts, error } of held)
            if (error !== null)
                await this.putAside(turn, position, attempts, error);
    }
    putAside({ subscription }, position, attempts, reason) {
        const given = { after: position - 1, through: position, records: 1, reason, attempts };
        const pauseMs = (0, webhook_rules_1.paceMs)(subscription.webhookRate);
        return this.pages.putAside(subscription, given, (letter, tx) => sql.putHeldAside(letter, pauseMs, tx));
    }
    async isOver({ keepLease, stop }, progress) {
        if (!progress.isOver && (stop.aborted || !(await keepLease())))
            progress.isOver = true;
        return progress.isOver;
    }
};
exports.WebhookKeyed = WebhookKeyed;
exports.WebhookKeyed = WebhookKeyed = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [typeorm_1.DataSource, webhook_pages_1.WebhookPages])
], WebhookKeyed);
/** Waits behind another of its key, or for its first attempt. */
const waiting = { attempts: 0, waitMs: null, error: null };
async function inParallel(items, atOnce, work) {
    const queue = [...items];
    const worker = async () => {
        for (let item = queue.shift(); item !== undefined; item = queue.shift())
            await work(item);
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, queue.length) }, worker));
}
//# sourceMappingURL=webhook-keyed.js.map