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
exports.Subscription = void 0;
const typeorm_1 = require("typeorm");
// Positions stay far below 2^53; PostgreSQL's bigint comes back as text.
const position = { from: Number, to: (value) => value };
const nullablePosition = {
    from: (value) => (value === null ? null : Number(value)),
    to: (value) => value,
};
/** A cursor over a dataset's ledger, seen through an agreement. */
let Subscription = class Subscription {
    subscriptionId;
    agreementId;
    datasetId;
    consumerDepartment;
    /** The principal that made it; a webhook delivers in its name. */
    owner;
    purpose;
    /** The case that it is for. */
    caseReference;
    /** Only records of this area, which lies in one of the agreement's. */
    areaCode;
    mode;
    webhookUrl;
    /** Sealed with a key of the deployment; opened only to sign. */
    webhookSecret;
    /** Signs as well until the time beside it; sealed like the other. */
    previousWebhookSecret;
    previousSecretUntil;
    /** Whether the receiver must agree before the first delivery. */
    webhookHandshake;
    /** The address that agreed. */
    webhookConsentedUrl;
    /** Deliveries a minute that the receiver allows; without one it says nothing. */
    webhookRate;
    webhookOrder;
    /** Events in one request at most; one goes by itself, more as a batch. */
    webhookMaxEvents;
    /** Events that a webhook ordered by key has passed and still has to deliver, the first of them, when one is due. */
    held;
    heldFrom;
    heldDueAt;
    /** What of the granted events is wanted: all of them must hold. */
    filters;
    status;
    stopReason;
    statusBeforeStop;
    /** Everything up to here is done with; delivery goes on behind it. */
    ackedPosition;
    /** Everything up to here was shown or filtered out at least once; no acknowledgement goes beyond it. */
    disclosedPosition;
    /** Records delivered, each counted once however often it was replayed or redriven (`counted` knows which). */
    delivered;
    lastDeliveredAt;
    /** How often it went back: a message that is replayed is another message. */
    replays;
    /** Where the page ends whose delivery failed; the next attempt is for the same page. */
    pageThrough;
    /** After so many failed attempts a page is put aside. */
    maxAttempts;
    /** Failed attempts at the page that is due. */
    pageAttempts;
    /** Pages that were put aside and not delivered since. */
    deadLetters;
    failures;
    lastError;
    nextAttemptAt;
    createdAt;
    version;
};
exports.Subscription = Subscription;
__decorate([
    (0, typeorm_1.PrimaryColumn)('uuid', { name: 'subscription_id' }),
    __metadata("design:type", String)
], Subscription.prototype, "subscriptionId", void 0);
__decorate([
    (0, typeorm_1.Column)('uuid', { name: 'agreement_id' }),
    __metadata("design:type", String)
], Subscription.prototype, "agreementId", void 0);
__decorate([
    (0, typeorm_1.Column)('text', { name: 'dataset_id' }),
    __metadata("design:type", String)
], Subscription.prototype, "datasetId", void 0);
__decorate([
    (0, typeorm_1.Column)('text', { name: 'consumer_department' }),
    __metadata("design:type", String)
], Subscription.prototype, "consumerDepartment", void 0);
__decorate([
    (0, typeorm_1.Column)('text'),
    __metadata("design:type", String)
], Subscription.prototype, "owner", void 0);
__decorate([
    (0, typeorm_1.Column)('text'),
    __metadata("design:type", String)
], Subscription.prototype, "purpose", void 0);
__decorate([
    (0, typeorm_1.Column)('text', { name: 'case_reference', nullable: true }),
    __metadata("design:type", Object)
], Subscription.prototype, "caseReference", void 0);
__decorate([
    (0, typeorm_1.Column)('text', { name: 'area_code', nullable: true }),
    __metadata("design:type", Object)
], Subscription.prototype, "areaCode", void 0);
__decorate([
    (0, typeorm_1.Column)('text'),
    __metadata("design:type", String)
], Subscription.prototype, "mode", void 0);
__decorate([
    (0, typeorm_1.Column)('text', { name: 'webhook_url', nullable: true }),
    __metadata("design:type", Object)
], Subscription.prototype, "webhookUrl", void 0);
__decorate([
    (0, typeorm_1.Column)('text', { name: 'webhook_secret', nullable: true, select: false }),
    __metadata("design:type", Object)
], Subscription.prototype, "webhookSecret", void 0);
__decorate([
    (0, typeorm_1.Column)('text', { name: 'previous_webhook_secret', nullable: true, select: false }),
    __metadata("design:type", Object)
], Subscription.prototype, "previousWebhookSecret", void 0);
__decorate([
    (0, typeorm_1.Column)('timestamptz', { name: 'previous_secret_until', nullable: true }),
    __metadata("design:type", Object)
], Subscription.prototype, "previousSecretUntil", void 0);
__decorate([
    (0, typeorm_1.Column)('boolean', { name: 'webhook_handshake' }),
    __metadata("design:type", Boolean)
], Subscription.prototype, "webhookHandshake", void 0);
__decorate([
    (0, typeorm_1.Column)('text', { name: 'webhook_consented_url', nullable: true }),
    __metadata("design:type", Object)
], Subscription.prototype, "webhookConsentedUrl", void 0);
__decorate([
    (0, typeorm_1.Column)('integer', { name: 'webhook_rate', nullable: true }),
    __metadata("design:type", Object)
], Subscription.prototype, "webhookRate", void 0);
__decorate([
    (0, typeorm_1.Column)('text', { name: 'webhook_order' }),
    __metadata("design:type", String)
], Subscription.prototype, "webhookOrder", void 0);
__decorate([
    (0, typeorm_1.Column)('integer', { name: 'webhook_max_events' }),
    __metadata("design:type", Number)
], Subscription.prototype, "webhookMaxEvents", void 0);
__decorate([
    (0, typeorm_1.Column)('integer'),
    __metadata("design:type", Number)
], Subscription.prototype, "held", void 0);
__decorate([
    (0, typeorm_1.Column)('bigint', { name: 'held_from', nullable: true, transformer: nullablePosition }),
    __metadata("design:type", Object)
], Subscription.prototype, "heldFrom", void 0);
__decorate([
    (0, typeorm_1.Column)('timestamptz', { name: 'held_due_at', nullable: true }),
    __metadata("design:type", Object)
], Subscription.prototype, "heldDueAt", void 0);
__decorate([
    (0, typeorm_1.Column)('jsonb'),
    __metadata("design:type", Array)
], Subscription.prototype, "filters", void 0);
__decorate([
    (0, typeorm_1.Column)('text'),
    __metadata("design:type", String)
], Subscription.prototype, "status", void 0);
__decorate([
    (0, typeorm_1.Column)('text', { name: 'stop_reason', nullable: true }),
    __metadata("design:type", Object)
], Subscription.prototype, "stopReason", void 0);
__decorate([
    (0, typeorm_1.Column)('text', { name: 'status_before_stop', nullable: true }),
    __metadata("design:type", Object)
], Subscription.prototype, "statusBeforeStop", void 0);
__decorate([
    (0, typeorm_1.Column)('bigint', { name: 'acked_position', transformer: position }),
    __metadata("design:type", Number)
], Subscription.prototype, "ackedPosition", void 0);
__decorate([
    (0, typeorm_1.Column)('bigint', { name: 'disclosed_position', transformer: position }),
    __metadata("design:type", Number)
], Subscription.prototype, "disclosedPosition", void 0);
__decorate([
    (0, typeorm_1.Column)('bigint', { transformer: position }),
    __metadata("design:type", Number)
], Subscription.prototype, "delivered", void 0);
__decorate([
    (0, typeorm_1.Column)('timestamptz', { name: 'last_delivered_at', nullable: true }),
    __metadata("design:type", Object)
], Subscription.prototype, "lastDeliveredAt", void 0);
__decorate([
    (0, typeorm_1.Column)('integer'),
    __metadata("design:type", Number)
], Subscription.prototype, "replays", void 0);
__decorate([
    (0, typeorm_1.Column)('bigint', { name: 'page_through', nullable: true, transformer: nullablePosition }),
    __metadata("design:type", Object)
], Subscription.prototype, "pageThrough", void 0);
__decorate([
    (0, typeorm_1.Column)('integer', { name: 'max_attempts' }),
    __metadata("design:type", Number)
], Subscription.prototype, "maxAttempts", void 0);
__decorate([
    (0, typeorm_1.Column)('integer', { name: 'page_attempts' }),
    __metadata("design:type", Number)
], Subscription.prototype, "pageAttempts", void 0);
__decorate([
    (0, typeorm_1.Column)('integer', { name: 'dead_letters' }),
    __metadata("design:type", Number)
], Subscription.prototype, "deadLetters", void 0);
__decorate([
    (0, typeorm_1.Column)('integer'),
    __metadata("design:type", Number)
], Subscription.prototype, "failures", void 0);
__decorate([
    (0, typeorm_1.Column)('text', { name: 'last_error', nullable: true }),
    __metadata("design:type", Object)
], Subscription.prototype, "lastError", void 0);
__decorate([
    (0, typeorm_1.Column)('timestamptz', { name: 'next_attempt_at', nullable: true }),
    __metadata("design:type", Object)
], Subscription.prototype, "nextAttemptAt", void 0);
__decorate([
    (0, typeorm_1.Column)('timestamptz', { name: 'created_at' }),
    __metadata("design:type", Date)
], Subscription.prototype, "createdAt", void 0);
__decorate([
    (0, typeorm_1.Column)('integer'),
    __metadata("design:type", Number)
], Subscription.prototype, "version", void 0);
exports.Subscription = Subscription = __decorate([
    (0, typeorm_1.Entity)('subscriptions')
], Subscription);
//# sourceMappingURL=subscription.entity.js.map