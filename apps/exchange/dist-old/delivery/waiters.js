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
exports.Waiters = exports.Waiter = void 0;
const contracts_1 = require("@govbus/contracts");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const agreement_consumer_1 = require("../agreements/agreement.consumer");
const ledger_writer_1 = require("../ledger/ledger-writer");
/** Most requests of one process that may wait at once, and most of them for one subscription. */
const maxWaiting = 5_000;
const maxForOne = 16;
/** One request that waits. What happens between two calls of `next` is not lost: the second answers at once. */
class Waiter {
    about;
    forget;
    isWoken = false;
    isClosed = false;
    resolve;
    constructor(about, forget) {
        this.about = about;
        this.forget = forget;
    }
    /** Whether the client has gone or the process ends: nothing more is to be waited for. */
    get isOver() {
        return this.isClosed;
    }
    /** Resolves when there may be something to see (true), when it is over, or after `timeoutMs`. */
    async next(timeoutMs) {
        if (!this.isWoken && !this.isClosed)
            await new Promise((resolve) => {
                const timer = setTimeout(resolve, timeoutMs);
                this.resolve = () => {
                    clearTimeout(timer);
                    resolve();
                };
            });
        const { isWoken } = this;
        this.resolve = undefined;
        this.isWoken = false;
        return isWoken;
    }
    wake() {
        this.isWoken = true;
        this.resolve?.();
    }
    /** Ends the waiting; safe to repeat. */
    close() {
        this.isClosed = true;
        this.forget(this);
        this.resolve?.();
    }
}
exports.Waiter = Waiter;
/**
 * The requests of this process that wait for their dataset to grow: one listener, which wakes those it is about. A
 * change of an agreement wakes those under it, so that they are decided anew at once (P5).
 */
let Waiters = class Waiters {
    changes;
    waiting = new Set();
    byDataset = new Map();
    isStopping = false;
    constructor(changes) {
        this.changes = changes;
    }
    async onApplicationBootstrap() {
        const wakeAll = () => this.waiting.forEach((waiter) => waiter.wake());
        await this.changes.on(ledger_writer_1.LEDGER_GREW, (datasetId) => this.byDataset.get(datasetId)?.forEach((waiter) => waiter.wake()), wakeAll);
        await this.changes.on(agreement_consumer_1.AGREEMENTS_CHANGED, (agreementId) => {
            for (const waiter of this.waiting)
                if (waiter.about.agreementId === agreementId)
                    waiter.wake();
        });
    }
    // Before the server closes: it waits for the requests that are still open.
    beforeApplicationShutdown() {
        this.isStopping = true;
        for (const waiter of this.waiting)
            waiter.close();
    }
    get size() {
        return this.waiting.size;
    }
    /**
     * A waiter for one request; whoever takes it closes it.
     *
     * Errors: `Unavailable` `delivery.busy` when too many wait here already.
     */
    open(about) {
        const sameDataset = this.byDataset.get(about.datasetId) ?? new Set();
        const forOne = [...sameDataset].filter(({ about: { subscriptionId } }) => subscriptionId === about.subscriptionId);
        if (this.waiting.size >= maxWaiting || forOne.length >= maxForOne)
            throw new contracts_1.Unavailable('delivery.busy', 'too many requests wait for events already', { retryAfterSeconds: 1 });
        const waiter = new Waiter(about, (closed) => this.forget(closed));
        this.waiting.add(waiter);
        this.byDataset.set(about.datasetId, sameDataset.add(waiter));
        if (this.isStopping)
            waiter.close();
        return waiter;
    }
    forget(waiter) {
        this.waiting.delete(waiter);
        const sameDataset = this.byDataset.get(waiter.about.datasetId);
        sameDataset?.delete(waiter);
        if (sameDataset?.size === 0)
            this.byDataset.delete(waiter.about.datasetId);
    }
};
exports.Waiters = Waiters;
exports.Waiters = Waiters = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [platform_1.Changes])
], Waiters);
//# sourceMappingURL=waiters.js.map