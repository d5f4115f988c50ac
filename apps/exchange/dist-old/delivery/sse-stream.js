"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.SseStream = exports.retryMs = void 0;
const platform_1 = require("@govbus/platform");
const agreement_entity_1 = require("../agreements/agreement.entity");
const sse_rules_1 = require("./sse.rules");
const pageLimit = 100;
/** What a stream makes us hold: a page of about so many bytes, written in chunks of about so many. */
const [pageBytes, chunkBytes] = [1024 * 1024, 32 * 1024];
const heartbeatMs = 15_000;
/** How often a stream on which nothing happens is looked at: whether token, people and period still stand (P5). */
const lookMs = 500;
/** After how many milliseconds a client comes back when its stream ends. */
exports.retryMs = 2_000;
/** One stream: page after page, each decided, disclosed and then written; between them it waits. */
class SseStream {
    parts;
    opened;
    after;
    agreement = null;
    cutting = new AbortController();
    constructor(parts, opened, 
    /** Everything up to here is with the client. */
    after) {
        this.parts = parts;
        this.opened = opened;
        this.after = after;
    }
    /** Breaks the page off that is being written: it is decided anew. */
    cut() {
        this.cutting.abort();
    }
    /** The first page, so that a refusal is still an answer. Errors: those of `PullService.find` and `page`. */
    first() {
        return this.page();
    }
    /** Ends when the client has gone or the process stops. Errors: whatever ends the right to the stream. */
    async run(first, connection) {
        const { waiter } = this.opened;
        await connection.write((0, sse_rules_1.retryFrame)(exports.retryMs), this.cutting.signal);
        let page = first;
        while (page && !waiter.isOver) {
            const isWhole = await this.send(page, connection);
            if (isWhole && !page.hasMore)
                await this.wait(heartbeatMs, connection, () => true);
            page = await this.nextPage(connection);
        }
    }
    async page() {
        const { subscription, authorization } = this.opened;
        // Before the decision: a change that comes behind it cuts the page off.
        this.cutting = new AbortController();
        const caller = await this.parts.tokens.verify(authorization);
        const now = await this.parts.pulls.find(subscription.subscriptionId, caller, 'sse');
        const page = await this.parts.pulls.page(now, caller, this.after, { limit: pageLimit, maxBytes: pageBytes });
        if (this.agreement?.version !== page.agreementVersion)
            this.agreement = await this.parts.db.manager.findOneBy(agreement_entity_1.AgreementCopy, { agreementId: now.agreementId });
        return page;
    }
    // Undefined when it is over. What passes by itself (registry stale, limit reached, database away) is no end.
    async nextPage(connection) {
        while (!this.opened.waiter.isOver) {
            try {
                return await this.page();
            }
            catch (error) {
                const { status, headers } = (0, platform_1.problemOf)(error);
                if (status !== 503 && status !== 429)
                    throw error;
                const pauseMs = Number(headers['retry-after'] ?? 1) * 1000;
                await this.wait(Math.min(pauseMs, heartbeatMs), connection, () => false);
            }
        }
        return undefined;
    }
    // False when it was broken off; what was written until then stays so.
    async send(page, connection) {
        const { signal } = this.cutting;
        for (const { text, position } of (0, sse_rules_1.chunksOf)(page.events, (at) => this.idOf(at), chunkBytes)) {
            if (signal.aborted)
                return false;
            this.after = position;
            await connection.write(text, signal);
        }
        if (page.through > this.after && !signal.aborted) {
            // What the lens hides need not be passed over again by who comes back.
            this.after = page.through;
            await connection.write((0, sse_rules_1.placeFrame)(this.idOf(page.through)), signal);
        }
        return !signal.aborted;
    }
    // Ends early when the agreement changed, when it is over, or when the dataset grew and `endsWhenWoken` says so.
    async wait(milliseconds, connection, endsWhenWoken) {
        const { waiter } = this.opened;
        const endsAt = performance.now() + milliseconds;
        for (;;) {
            const leftMs = endsAt - performance.now();
            if (leftMs <= 0 || waiter.isOver || this.cutting.signal.aborted)
                break;
            const isWoken = await waiter.next(Math.min(leftMs, lookMs));
            if ((isWoken && endsWhenWoken()) || !(await this.stands()))
                return;
        }
        if (connection.quietMs >= heartbeatMs)
            await connection.write(sse_rules_1.heartbeatFrame, this.cutting.signal);
    }
    // In memory alone. Whoever is told no asks for a page, and is refused with the reason.
    async stands() {
        const caller = await this.parts.tokens.verify(this.opened.authorization);
        const receiver = this.parts.decisions.receiverOf(caller);
        return (this.agreement !== null && this.parts.decisions.decide(this.agreement, receiver, this.opened.subscription).allowed);
    }
    idOf(position) {
        return this.parts.keys.cursorOf(this.opened.subscription.subscriptionId, position);
    }
}
exports.SseStream = SseStream;
//# sourceMappingURL=sse-stream.js.map