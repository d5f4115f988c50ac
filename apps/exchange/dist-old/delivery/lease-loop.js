"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.LeaseLoop = void 0;
const node_crypto_1 = require("node:crypto");
const contracts_1 = require("@govbus/contracts");
const agreement_consumer_1 = require("../agreements/agreement.consumer");
const ledger_writer_1 = require("../ledger/ledger-writer");
const lease_sql_1 = require("./lease.sql");
const pollMs = 250;
/** How long what is on its way may take when the process ends, in ms; what is cut off then goes out again elsewhere. */
const drainMs = 6_000;
/**
 * Leases the subscriptions of one mode and delivers each on its own (P6). Woken when the ledger grows, and every 250 ms
 * for retries that are due and for what another process left behind.
 */
class LeaseLoop {
    db;
    clock;
    logger;
    options;
    owner = (0, node_crypto_1.randomUUID)();
    running = new Map();
    timer;
    leasing;
    isStopping = false;
    constructor(db, clock, logger, options) {
        this.db = db;
        this.clock = clock;
        this.logger = logger;
        this.options = options;
    }
    async start(changes) {
        await changes.on(ledger_writer_1.LEDGER_GREW, () => this.wake());
        // What is on its way under the agreement is cut off; if the agreement still stands the page goes out again (P5).
        await changes.on(agreement_consumer_1.AGREEMENTS_CHANGED, (agreementId) => this.cut((running) => running.agreementId === agreementId), () => this.cut(() => true));
        this.timer = setInterval(() => this.wake(), pollMs);
    }
    /** Leases nothing more, and ends when what is running has ended and its leases are given back. */
    async stop() {
        this.isStopping = true;
        clearInterval(this.timer);
        await this.leasing;
        const late = setTimeout(() => this.cut(() => true), drainMs);
        await Promise.all([...this.running.values()].map(({ done }) => done));
        clearTimeout(late);
    }
    /**
     * Runs one delivery that was asked for; it is cut off like the others when the agreement changes (P5).
     *
     * Errors: `Unavailable` `delivery.stopping` when the process is about to end.
     */
    async cutOff(agreementId, run) {
        if (this.isStopping)
            throw new contracts_1.Unavailable('delivery.stopping', 'this process is about to end', { retryAfterSeconds: 1 });
        const [key, stop] = [(0, node_crypto_1.randomUUID)(), new AbortController()];
        const result = run(stop.signal);
        const done = result.then(() => undefined, () => undefined);
        this.running.set(key, { agreementId, stop, done });
        try {
            return await result;
        }
        finally {
            this.running.delete(key);
        }
    }
    wake() {
        if (this.isStopping || this.leasing || this.running.size >= this.options.maxAtOnce)
            return;
        this.leasing = this.leaseDue()
            .catch((err) => this.logger.error({ err, mode: this.options.mode }, 'subscriptions not leased'))
            .finally(() => (this.leasing = undefined));
    }
    // `resync`: a change may have been missed while the listening connection was away.
    cut(isMeant) {
        for (const running of this.running.values())
            if (isMeant(running))
                running.stop.abort();
        this.wake();
    }
    async leaseDue() {
        const free = this.options.maxAtOnce - this.running.size;
        const leased = await (0, lease_sql_1.lease)(this.options.mode, this.owner, this.clock.now(), free, this.db.manager);
        for (const subscription of leased)
            this.begin(subscription);
    }
    begin({ subscriptionId, agreementId }) {
        const stop = new AbortController();
        const running = { agreementId, stop, done: Promise.resolve() };
        this.running.set(subscriptionId, running);
        running.done = this.options
            .run(this.owner, subscriptionId, stop.signal, () => this.isStopping)
            .then(() => (0, lease_sql_1.release)(this.owner, subscriptionId, this.db.manager))
            .catch((err) => this.logger.error({ err, subscriptionId }, 'delivery failed'))
            .finally(() => {
            // Given back, it may be leased again before this is told: then the place is another's, who must stay to be cut off.
            if (this.running.get(subscriptionId) === running)
                this.running.delete(subscriptionId);
            this.wake();
        });
    }
}
exports.LeaseLoop = LeaseLoop;
//# sourceMappingURL=lease-loop.js.map