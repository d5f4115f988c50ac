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
exports.Disclosures = exports.Disclosed = void 0;
const node_crypto_1 = require("node:crypto");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const agreement_lock_1 = require("../agreements/agreement-lock");
const registry_watch_1 = require("../agreements/registry-watch");
const dataset_entity_1 = require("../datasets/dataset.entity");
const pointer_1 = require("../datasets/pointer");
const cut_rules_1 = require("../enforcement/cut.rules");
const limits_1 = require("../enforcement/limits");
const over_scope_1 = require("../enforcement/over-scope");
const over_scope_rules_1 = require("../enforcement/over-scope.rules");
const exchange_metrics_1 = require("../operations/exchange-metrics");
const ledger_rules_1 = require("../ledger/ledger.rules");
const filters_rules_1 = require("../subscriptions/filters.rules");
const denial_rules_1 = require("./denial.rules");
const disclosure_sql_1 = require("./disclosure.sql");
const keys_1 = require("./keys");
const ledger_blocks_1 = require("./ledger-blocks");
const lenses_1 = require("./lenses");
const page_reader_1 = require("./page-reader");
const receive_decisions_1 = require("./receive-decisions");
/**
 * A page whose record is committed. Whoever sends data takes this type, and only `Disclosed.commit` makes one (P3).
 */
class Disclosed {
    page;
    #isCommitted = true;
    constructor(page) {
        this.page = page;
    }
    static async commit(db, work) {
        return new Disclosed(await db.transaction(work));
    }
    /** Present unless there was nothing to record. */
    get disclosureId() {
        return this.#isCommitted ? this.page.disclosureId : undefined;
    }
    /** The version of the terms under which it was decided and read. */
    get agreementVersion() {
        return this.page.agreementVersion;
    }
    get events() {
        return this.page.events;
    }
    /** For each event of a page for Kafka, the key of its message: equal for the events of one record. */
    get messageKeys() {
        return this.page.messageKeys;
    }
    /** The last position looked at, whether or not the lens let it through. */
    get through() {
        return this.page.through ?? 0;
    }
    get hasMore() {
        return this.page.hasMore;
    }
    /** Behind which key the next page of the latest records begins. Never shown: the lens may not grant it. */
    get afterKey() {
        return this.page.afterKey;
    }
}
exports.Disclosed = Disclosed;
/** Decides, reads through the lens and records, in one transaction; what comes out may be sent. */
let Disclosures = class Disclosures {
    db;
    registry;
    decisions;
    lenses;
    blocks;
    limits;
    overScope;
    metrics;
    keys;
    audit;
    clock;
    constructor(db, registry, decisions, lenses, blocks, limits, overScope, metrics, keys, audit, clock) {
        this.db = db;
        this.registry = registry;
        this.decisions = decisions;
        this.lenses = lenses;
        this.blocks = blocks;
        this.limits = limits;
        this.overScope = overScope;
        this.metrics = metrics;
        this.keys = keys;
        this.audit = audit;
        this.clock = clock;
    }
    /** A page of a subscription. Errors: those of `discloseTo`. */
    disclose(request) {
        const { subscription, receiver, operation } = request;
        const { subscriptionId, agreementId, purpose, mode, filters } = subscription;
        const caseReference = subscription.caseReference ?? undefined;
        const areaCode = subscription.areaCode ?? undefined;
        const isWanted = filters.length > 0 ? (event) => (0, filters_rules_1.passes)(filters, (0, filters_rules_1.visibleTo)(event)) : undefined;
        return this.discloseTo({ agreementId, purpose, mode, receiver, operation, subscriptionId, caseReference, areaCode }, {
            read: async (source, tx) => {
                const read = (...chunk) => this.blocks.read(...chunk);
                const page = await (0, page_reader_1.readPage)(source, { ...request, isWanted }, read, tx);
                return { ...page, hasMore: page.through < page.head };
            },
            keep: async ({ through = 0 }, { matched }, tx) => {
                // A webhook counts what its receiver confirmed, Kafka what it took; others what they were shown the first time.
                if (mode === 'webhook' || mode === 'kafka')
                    return (0, disclosure_sql_1.moveDisclosed)(subscriptionId, through, tx);
                const positions = matched.map(({ row }) => row.position);
                await (0, disclosure_sql_1.countDisclosed)({ subscriptionId, after: request.after, through, positions }, tx);
            },
        });
    }
    /**
     * What `read` finds for an access. A query leaves its record though it found nothing: that nothing is there was
     * learned, too.
     *
     * Errors: `Forbidden` `decision.denied` with the explanation when the agreement does not allow it at this moment;
     *   `Unavailable` `registry.stale` while it is not sure that the agreement still stands; `Limited`
     *   `agreement.limit-reached` while its limits are used up.
     */
    discloseTo(access, work) {
        const disclosed = () => this.metrics.access(access, () => this.commit(access, work));
        return (0, over_scope_rules_1.isAskedFor)(access.mode) ? this.overScope.watch(access, disclosed) : disclosed();
    }
    commit(access, { read, keep }) {
        return Disclosed.commit(this.db, async (tx) => {
            const agreement = await this.requireAgreement(access, tx);
            const mostRecords = await this.limits.left(agreement, access, tx);
            const dataset = await tx.findOneBy(dataset_entity_1.DatasetCopy, { datasetId: agreement.datasetId });
            const lens = this.lenses.of(agreement, access.areaCode);
            const seen = await read({ agreement, dataset, lens, mostRecords }, tx);
            const isRecorded = seen.matched.length > 0 || access.operation === 'queries:run';
            const found = isRecorded ? (0, cut_rules_1.cutTo)(seen, await this.limits.take(agreement, access, seen.matched.length, tx)) : seen;
            const disclosureId = isRecorded ? await this.record(access, agreement, found, tx) : undefined;
            const { through, hasMore, afterKey } = found;
            const events = found.matched.map(({ event }) => event);
            const messageKeys = access.mode === 'kafka' ? this.messageKeysOf(agreement, dataset, found.matched) : [];
            const { version: agreementVersion } = agreement;
            const page = { disclosureId, agreementVersion, events, messageKeys, through, hasMore, afterKey };
            await keep?.(page, found, tx);
            return page;
        });
    }
    /** The agreement, held until `tx` ends, if it allows the access to begin or to go on. Errors: as `discloseTo`. */
    async requireAgreement(access, tx) {
        const { agreementId, subscriptionId, purpose, receiver } = access;
        const agreement = await (0, agreement_lock_1.holdAgreement)(agreementId, tx);
        const about = { agreementId, datasetId: agreement?.datasetId, subscriptionId, purpose };
        if (!agreement)
            throw (0, denial_rules_1.denialOf)(agreement, receiver, undefined, about);
        const decision = this.decisions.decide(agreement, receiver, access);
        if (!decision.allowed)
            throw (0, denial_rules_1.denialOf)(agreement, receiver, decision, about);
        // A no is a no however old; only a yes must be of now.
        await this.registry.requireFresh(tx);
        return agreement;
    }
    async record(access, agreement, found, tx) {
        const { receiver, operation, mode, purpose, subscriptionId, exportId, caseReference } = access;
        const { agreementId, datasetId, version: agreementVersion } = agreement;
        const { matched, askedAbout } = found;
        const disclosureId = (0, node_crypto_1.randomUUID)();
        const positions = matched.map(({ row }) => row.position);
        const [first, last] = [Math.min(...positions), Math.max(...positions)];
        const records = matched.length;
        const at = this.clock.now();
        const about = { subscriptionId, agreementId, agreementVersion, purpose, caseReference };
        if (records > 0)
            await (0, disclosure_sql_1.insertDisclosure)({ ...about, disclosureId, exportId, mode, principal: receiver.id, first, last, records, at }, tx);
        await this.audit.record({
            ...about,
            action: 'disclose',
            operation,
            outcome: 'done',
            actor: { id: receiver.id, kind: receiver.kind, department: receiver.department },
            datasetId,
            legalBasis: agreement.terms.legalBasis,
            entity: `disclosure:${disclosureId}`,
            positions: records > 0 ? { first, last } : undefined,
            records,
            fields: [...this.lenses.of(agreement).fields],
            subjectKeys: this.subjectKeysOf(datasetId, [askedAbout, ...matched.map(({ subject }) => subject)]),
            digest: (0, ledger_rules_1.digestOf)(matched.map(({ row }) => row.digest)),
        }, tx);
        return disclosureId;
    }
    // The key as the agreement shows it, masked if it is; where it shows none, a pseudonym of its own.
    messageKeysOf({ agreementId }, dataset, matched) {
        return matched.map(({ row, event, key }) => {
            const shown = dataset ? (0, pointer_1.keyAt)(event.data, dataset.keyPointer) : undefined;
            return shown ?? this.keys.recordPseudonymOf(agreementId, key ?? `position ${row.position}`);
        });
    }
    subjectKeysOf(datasetId, subjects) {
        const known = new Set(subjects.flatMap((subject) => (subject === undefined ? [] : [subject])));
        if (known.size === 0)
            return undefined;
        return [...known].map((subject) => this.keys.subjectOf(datasetId, subject));
    }
};
exports.Disclosures = Disclosures;
exports.Disclosures = Disclosures = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [typeorm_1.DataSource, registry_watch_1.RegistryWatch, receive_decisions_1.ReceiveDecisions, lenses_1.Lenses, ledger_blocks_1.LedgerBlocks, limits_1.Limits, over_scope_1.OverScope, exchange_metrics_1.ExchangeMetrics, keys_1.Keys, platform_1.Audit, platform_1.Clock])
], Disclosures);
//# sourceMappingURL=disclosure.js.map