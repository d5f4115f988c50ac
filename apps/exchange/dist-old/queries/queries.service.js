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
exports.QueriesService = void 0;
const node_crypto_1 = require("node:crypto");
const contracts_1 = require("@govbus/contracts");
const common_1 = require("@nestjs/common");
const pointer_1 = require("../datasets/pointer");
const disclosure_1 = require("../delivery/disclosure");
const disclosure_sql_1 = require("../delivery/disclosure.sql");
const keys_1 = require("../delivery/keys");
const page_reader_1 = require("../delivery/page-reader");
const receive_decisions_1 = require("../delivery/receive-decisions");
const query_rules_1 = require("./query.rules");
/** The latest records for those who ask: by key, or by what granted fields hold. */
let QueriesService = class QueriesService {
    disclosures;
    decisions;
    keys;
    constructor(disclosures, decisions, keys) {
        this.disclosures = disclosures;
        this.decisions = decisions;
        this.keys = keys;
    }
    /**
     * One page of the answer.
     *
     * Errors: `Forbidden` `decision.denied`; `Invalid` `query.invalid`, `query.field-not-granted`,
     *   `query.key-not-granted`, `cursor.invalid` for a cursor of another question or agreement.
     */
    async run(request, caller) {
        const { agreementId, purpose, caseReference, limit, cursor } = request;
        const question = (0, query_rules_1.readQuestion)(request);
        const boundTo = `query|${agreementId}|${(0, node_crypto_1.createHash)('sha256').update(JSON.stringify(question)).digest('base64url')}`;
        const afterKey = cursor === undefined ? undefined : this.keys.openCursor(cursor, boundTo);
        const receiver = this.decisions.receiverOf(caller);
        const mode = 'query';
        const operation = 'queries:run';
        const access = { agreementId, purpose, mode, receiver, operation, caseReference };
        const page = await this.disclosures.discloseTo(access, {
            read: (source, tx) => 'key' in question
                ? readByKey(source, question.key, tx)
                : readWhere(source, question.where, { afterKey, limit }, tx),
        });
        const { disclosureId, events, hasMore } = page;
        const nextCursor = page.afterKey === undefined ? undefined : this.keys.sealCursor(page.afterKey, boundTo);
        return { disclosureId, events, nextCursor, hasMore };
    }
};
exports.QueriesService = QueriesService;
exports.QueriesService = QueriesService = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [disclosure_1.Disclosures, receive_decisions_1.ReceiveDecisions, keys_1.Keys])
], QueriesService);
async function readByKey(source, key, tx) {
    const { agreement, dataset } = source;
    if (!dataset || !(0, query_rules_1.isShownPlain)(dataset.keyPointer, agreement.terms))
        throw new contracts_1.Invalid('query.key-not-granted', 'the agreement does not show the key of the dataset as it is');
    const { keyPointer, dataSubjectPointer } = dataset;
    const row = await (0, disclosure_sql_1.readLatestByKey)(agreement.datasetId, key, tx);
    const found = row && (0, page_reader_1.matchOf)(source, row);
    // What the record shows is what was asked for, or there is no answer.
    const matched = found && (0, pointer_1.keyAt)(found.event.data, keyPointer) === key ? [found] : [];
    return { matched, hasMore: false, askedAbout: keyPointer === dataSubjectPointer ? key : undefined };
}
async function readWhere(source, conditions, bounds, tx) {
    const { terms } = source.agreement;
    (0, query_rules_1.requireGranted)(conditions, terms);
    const page = await (0, page_reader_1.readLatestPage)(source, { ...bounds, isWanted: ({ data }) => (0, query_rules_1.meets)(data, conditions) }, tx);
    const { matched, afterKey } = page;
    const subjectPointer = source.dataset?.dataSubjectPointer ?? undefined;
    const isAsked = subjectPointer !== undefined && (0, query_rules_1.isShownPlain)(subjectPointer, terms);
    const askedAbout = isAsked ? (0, query_rules_1.askedOf)(conditions, subjectPointer) : undefined;
    return { matched, afterKey, hasMore: afterKey !== undefined, askedAbout };
}
//# sourceMappingURL=queries.service.js.map