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
var __param = (this && this.__param) || function (paramIndex, decorator) {
    return function (target, key) { decorator(target, key, paramIndex); }
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.InboxIntake = exports.inboxOf = void 0;
const node_crypto_1 = require("node:crypto");
const contracts_1 = require("@govbus/contracts");
const messaging_1 = require("@govbus/messaging");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const exchange_metrics_1 = require("../operations/exchange-metrics");
const inbox_message_1 = require("./inbox-message");
const ingest_limits_1 = require("./ingest-limits");
const outcome_1 = require("./outcome");
const publication_1 = require("./publication");
const refusals_1 = require("./refusals");
/** The topic into which a system writes its events, and the system of a topic. */
const inboxOf = (systemId) => `inbox.${systemId}`;
exports.inboxOf = inboxOf;
const systemOf = (topic) => topic.slice('inbox.'.length);
/**
 * Takes messages of `inbox.<system>` through the checks of `POST /v1/events`; the caller is the system of the topic, since
 * Kafka lets nobody else write there.
 */
let InboxIntake = class InboxIntake {
    publication;
    producer;
    refusals;
    metrics;
    principals;
    limits;
    logger;
    // How far refusals are in the audit log: a batch that is tried again does not record them twice.
    recorded = new Map();
    constructor(publication, producer, refusals, metrics, principals, limits, logger) {
        this.publication = publication;
        this.producer = producer;
        this.refusals = refusals;
        this.metrics = metrics;
        this.principals = principals;
        this.limits = limits;
        this.logger = logger;
    }
    /**
     * Resolves when accepted messages are on the bus, and refused ones in the audit log and on `inbox.<system>.rejected`;
     * with how long the system is to rest. May run twice: the ledger knows an event that comes again.
     *
     * Errors: `Unavailable`, or that of the database, when it is to be tried again.
     */
    async take(topic, partition, messages) {
        const caller = this.callerOf(systemOf(topic));
        const outcomes = [];
        for (const [index, message] of messages.entries())
            outcomes.push(await this.outcomeOf(message, index, caller));
        await this.record(topic, partition, messages, outcomes, caller);
        await this.publication.send(outcomes);
        this.metrics.accepted.inbox.add((0, outcome_1.acceptedIn)(outcomes).length);
        await this.producer.sendAll(outcomes.flatMap((outcome) => {
            const message = messages[outcome.index];
            return 'problem' in outcome && message ? [(0, inbox_message_1.rejectedCopy)(topic, partition, message, outcome.problem.body)] : [];
        }));
        const bytes = messages.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
        return { restMs: this.limits.pace(caller.id, messages.length, bytes) };
    }
    callerOf(systemId) {
        const system = this.principals.get(systemId);
        if (!system)
            throw new Error('the copy of the registry has not heard of a system yet');
        const { kind, departmentCode: department, roles } = system;
        return { id: systemId, kind, department, roles, scopes: ['events:publish'] };
    }
    async outcomeOf(message, index, caller) {
        try {
            if (!this.principals.isActive(caller.id))
                throw new contracts_1.Forbidden('principal.suspended', 'the caller or its department is suspended');
            return await this.publication.outcomeOf((0, inbox_message_1.eventIn)(message), index, caller);
        }
        catch (error) {
            if ((0, messaging_1.isTransient)(error))
                throw error;
            const problem = (0, platform_1.problemOf)(error);
            // A fault of ours holds up nobody either: who sent the message finds it among the rejected.
            if (problem.status >= 500)
                this.logger.error({ err: error, system: caller.id }, 'inbox message failed');
            return { index, problem };
        }
    }
    async record(topic, partition, messages, outcomes, caller) {
        const place = `${topic}/${partition}`;
        const done = this.recorded.get(place) ?? -1n;
        const fresh = outcomes.filter(({ index }) => (messages[index]?.offset ?? 0n) > done);
        const first = fresh.find((outcome) => 'problem' in outcome);
        const last = messages.at(-1);
        if (!first || !last)
            return;
        const entity = `message:${place}/${messages[first.index]?.offset}`.slice(0, 120);
        const entries = (0, outcome_1.refusalEntries)((0, outcome_1.refusedIn)(fresh), caller, traceIdOf(messages[first.index]));
        await this.refusals.record(entries.map((entry) => ({ ...entry, entity })));
        this.recorded.set(place, last.offset);
    }
};
exports.InboxIntake = InboxIntake;
exports.InboxIntake = InboxIntake = __decorate([
    (0, common_1.Injectable)(),
    __param(6, (0, common_1.Inject)(platform_1.LOGGER)),
    __metadata("design:paramtypes", [publication_1.Publication, messaging_1.Producer, refusals_1.Refusals, exchange_metrics_1.ExchangeMetrics, platform_1.Principals, ingest_limits_1.IngestLimits, Object])
], InboxIntake);
const traceIdOf = (message) => {
    const header = message?.headers.find(([name]) => name === 'traceparent')?.[1].toString('latin1') ?? '';
    return /^00-([0-9a-f]{32})-/.exec(header)?.[1] ?? (0, node_crypto_1.randomUUID)().replaceAll('-', '');
};
//# sourceMappingURL=inbox-intake.js.map