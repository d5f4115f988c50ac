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
exports.SubscriptionPage = exports.SubscriptionResponse = exports.RunningOutage = exports.WebhookResponse = exports.AckRequest = exports.RotateSecretRequest = exports.SkipRequest = exports.SeekRequest = exports.SubscriptionsQuery = exports.CreateSubscriptionRequest = exports.WebhookRequest = void 0;
const contracts_1 = require("@govbus/contracts");
const platform_1 = require("@govbus/platform");
const swagger_1 = require("@nestjs/swagger");
const class_transformer_1 = require("class-transformer");
const class_validator_1 = require("class-validator");
const webhook_rules_1 = require("../delivery/webhook.rules");
const share_rules_1 = require("../delivery/share.rules");
const start_rules_1 = require("./start.rules");
const subscription_rules_1 = require("./subscription.rules");
class WebhookRequest {
    url;
    /** Whether the receiver must allow deliveries (`OPTIONS`, `WebHook-Allowed-Origin`) before the first one. */
    handshake;
    /** Failed attempts after which a page is put aside (dead letter) and delivery goes on behind it; 20 by default. */
    maxAttempts;
    /**
     * `dataset` (the default): one request after the other. `key`: each event in a request of its own, those of one record
     * key one after the other and several keys at the same time; an event that fails holds those of its key alone.
     */
    order;
    /** Most events in one request: 1 sends each as a structured CloudEvent, more as a batch; 100 by default. */
    maxEvents;
}
exports.WebhookRequest = WebhookRequest;
__decorate([
    (0, class_validator_1.IsString)(),
    (0, class_validator_1.MaxLength)(2048),
    __metadata("design:type", String)
], WebhookRequest.prototype, "url", void 0);
__decorate([
    (0, class_validator_1.IsOptional)(),
    (0, class_validator_1.IsBoolean)(),
    __metadata("design:type", Boolean)
], WebhookRequest.prototype, "handshake", void 0);
__decorate([
    (0, class_validator_1.IsOptional)(),
    (0, class_validator_1.IsInt)(),
    (0, class_validator_1.Min)(1),
    (0, class_validator_1.Max)(100),
    __metadata("design:type", Number)
], WebhookRequest.prototype, "maxAttempts", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false, enum: webhook_rules_1.webhookOrders }),
    (0, class_validator_1.IsOptional)(),
    (0, class_validator_1.IsIn)(webhook_rules_1.webhookOrders),
    __metadata("design:type", String)
], WebhookRequest.prototype, "order", void 0);
__decorate([
    (0, class_validator_1.IsOptional)(),
    (0, class_validator_1.IsInt)(),
    (0, class_validator_1.Min)(1),
    (0, class_validator_1.Max)(100),
    __metadata("design:type", Number)
], WebhookRequest.prototype, "maxEvents", void 0);
class CreateSubscriptionRequest {
    agreementId;
    purpose;
    /** The case that the use is for; needed where the agreement says so. */
    caseReference;
    /** Only records of this area (12 digits), which must lie in one of the agreement's. */
    areaCode;
    mode;
    webhook;
    startFrom;
    /** Which of the granted events are wanted (CloudEvents Subscriptions: exact, prefix, suffix, all, any, not, sql). */
    filters;
}
exports.CreateSubscriptionRequest = CreateSubscriptionRequest;
__decorate([
    (0, class_validator_1.IsUUID)(),
    __metadata("design:type", String)
], CreateSubscriptionRequest.prototype, "agreementId", void 0);
__decorate([
    (0, contracts_1.IsSlug)(),
    __metadata("design:type", String)
], CreateSubscriptionRequest.prototype, "purpose", void 0);
__decorate([
    (0, class_validator_1.IsOptional)(),
    (0, class_validator_1.Matches)(contracts_1.caseReferencePattern),
    __metadata("design:type", String)
], CreateSubscriptionRequest.prototype, "caseReference", void 0);
__decorate([
    (0, class_validator_1.IsOptional)(),
    (0, class_validator_1.Matches)(/^\d{12}$/),
    __metadata("design:type", String)
], CreateSubscriptionRequest.prototype, "areaCode", void 0);
__decorate([
    (0, class_validator_1.IsIn)(subscription_rules_1.subscriptionModes),
    __metadata("design:type", String)
], CreateSubscriptionRequest.prototype, "mode", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false, type: () => WebhookRequest }),
    (0, class_validator_1.IsOptional)(),
    (0, class_validator_1.ValidateNested)(),
    (0, class_transformer_1.Type)(() => WebhookRequest),
    __metadata("design:type", WebhookRequest)
], CreateSubscriptionRequest.prototype, "webhook", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(start_rules_1.startSchema),
    (0, class_validator_1.IsDefined)(),
    __metadata("design:type", Object)
], CreateSubscriptionRequest.prototype, "startFrom", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false, type: 'array', items: { type: 'object', additionalProperties: true } }),
    (0, class_validator_1.IsOptional)(),
    (0, class_validator_1.Allow)(),
    __metadata("design:type", Object)
], CreateSubscriptionRequest.prototype, "filters", void 0);
class SubscriptionsQuery extends platform_1.PageQuery {
    agreementId;
}
exports.SubscriptionsQuery = SubscriptionsQuery;
__decorate([
    (0, class_validator_1.IsOptional)(),
    (0, class_validator_1.IsUUID)(),
    __metadata("design:type", String)
], SubscriptionsQuery.prototype, "agreementId", void 0);
class SeekRequest {
    to;
}
exports.SeekRequest = SeekRequest;
__decorate([
    (0, swagger_1.ApiProperty)(start_rules_1.startSchema),
    (0, class_validator_1.IsDefined)(),
    __metadata("design:type", Object)
], SeekRequest.prototype, "to", void 0);
class SkipRequest {
    /** The first position (or time) that is wanted again; `now` passes over everything. */
    to;
    /** How many positions to pass over, instead of `to`. */
    count;
    /** Why; it is kept in the audit log and must name nobody. */
    reason;
}
exports.SkipRequest = SkipRequest;
__decorate([
    (0, swagger_1.ApiPropertyOptional)(start_rules_1.startSchema),
    (0, class_validator_1.IsOptional)(),
    (0, class_validator_1.Allow)(),
    __metadata("design:type", Object)
], SkipRequest.prototype, "to", void 0);
__decorate([
    (0, class_validator_1.IsOptional)(),
    (0, class_validator_1.IsInt)(),
    (0, class_validator_1.Min)(1),
    __metadata("design:type", Number)
], SkipRequest.prototype, "count", void 0);
__decorate([
    (0, class_validator_1.IsString)(),
    (0, class_validator_1.MinLength)(1),
    (0, class_validator_1.MaxLength)(500),
    __metadata("design:type", String)
], SkipRequest.prototype, "reason", void 0);
class RotateSecretRequest {
    /** Hours during which the key before signs as well. */
    overlapHours = 24;
}
exports.RotateSecretRequest = RotateSecretRequest;
__decorate([
    (0, class_validator_1.IsInt)(),
    (0, class_validator_1.Min)(0),
    (0, class_validator_1.Max)(168),
    __metadata("design:type", Number)
], RotateSecretRequest.prototype, "overlapHours", void 0);
class AckRequest {
    cursor;
}
exports.AckRequest = AckRequest;
__decorate([
    (0, class_validator_1.IsString)(),
    (0, class_validator_1.MaxLength)(500),
    __metadata("design:type", String)
], AckRequest.prototype, "cursor", void 0);
class WebhookResponse {
    url;
    secret;
    handshake;
    maxAttempts;
    order;
    maxEvents;
    held;
    circuit;
    circuitUntil;
    deadLetters;
    rate;
    previousSecretUntil;
}
exports.WebhookResponse = WebhookResponse;
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], WebhookResponse.prototype, "url", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false, description: 'whsec_…, shown once' }),
    __metadata("design:type", String)
], WebhookResponse.prototype, "secret", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", Boolean)
], WebhookResponse.prototype, "handshake", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", Number)
], WebhookResponse.prototype, "maxAttempts", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ enum: webhook_rules_1.webhookOrders }),
    __metadata("design:type", String)
], WebhookResponse.prototype, "order", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", Number)
], WebhookResponse.prototype, "maxEvents", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ description: 'events that failed or wait for one of their key that did' }),
    __metadata("design:type", Number)
], WebhookResponse.prototype, "held", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ enum: ['closed', 'open', 'half-open'], description: 'of the endpoint, for all its subscriptions' }),
    __metadata("design:type", String)
], WebhookResponse.prototype, "circuit", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false, description: 'until when it was opened last' }),
    __metadata("design:type", String)
], WebhookResponse.prototype, "circuitUntil", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ description: 'pages put aside and not delivered since' }),
    __metadata("design:type", Number)
], WebhookResponse.prototype, "deadLetters", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false, description: 'deliveries a minute that the receiver allows' }),
    __metadata("design:type", Number)
], WebhookResponse.prototype, "rate", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false, description: 'until when the key before signs as well' }),
    __metadata("design:type", String)
], WebhookResponse.prototype, "previousSecretUntil", void 0);
class RunningOutage {
    from;
    until;
    reason;
}
exports.RunningOutage = RunningOutage;
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], RunningOutage.prototype, "from", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], RunningOutage.prototype, "until", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], RunningOutage.prototype, "reason", void 0);
class SubscriptionResponse {
    subscriptionId;
    agreementId;
    datasetId;
    purpose;
    caseReference;
    areaCode;
    mode;
    webhook;
    topic;
    filters;
    status;
    stopReason;
    ackedPosition;
    headPosition;
    lag;
    delivered;
    attempts;
    lastError;
    lastDeliveredAt;
    nextAttemptAt;
    outage;
    version;
    static from({ subscription, head, conditions }, secret) {
        const { subscriptionId, agreementId, datasetId, purpose, mode, filters, status, delivered, version } = subscription;
        const ackedPosition = (0, start_rules_1.donePosition)(subscription);
        const { outage } = conditions;
        return {
            subscriptionId,
            agreementId,
            datasetId,
            purpose,
            caseReference: subscription.caseReference ?? undefined,
            areaCode: subscription.areaCode ?? undefined,
            mode,
            webhook: webhookOf(subscription, conditions, secret),
            topic: mode === 'kafka' ? (0, share_rules_1.topicOf)(subscriptionId) : undefined,
            filters,
            status,
            stopReason: subscription.stopReason ?? undefined,
            ackedPosition,
            headPosition: head,
            lag: Math.max(0, head - ackedPosition),
            delivered,
            attempts: subscription.pageAttempts,
            lastError: subscription.lastError ?? undefined,
            lastDeliveredAt: subscription.lastDeliveredAt?.toISOString(),
            nextAttemptAt: (subscription.nextAttemptAt ?? subscription.heldDueAt)?.toISOString(),
            outage: outage
                ? { from: outage.from.toISOString(), until: outage.until.toISOString(), reason: outage.reason }
                : undefined,
            version,
        };
    }
}
exports.SubscriptionResponse = SubscriptionResponse;
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], SubscriptionResponse.prototype, "subscriptionId", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], SubscriptionResponse.prototype, "agreementId", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], SubscriptionResponse.prototype, "datasetId", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], SubscriptionResponse.prototype, "purpose", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false }),
    __metadata("design:type", String)
], SubscriptionResponse.prototype, "caseReference", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false }),
    __metadata("design:type", String)
], SubscriptionResponse.prototype, "areaCode", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], SubscriptionResponse.prototype, "mode", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false, type: () => WebhookResponse }),
    __metadata("design:type", WebhookResponse)
], SubscriptionResponse.prototype, "webhook", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false, description: 'where a subscription by `kafka` is delivered' }),
    __metadata("design:type", String)
], SubscriptionResponse.prototype, "topic", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ type: 'array', items: { type: 'object', additionalProperties: true } }),
    __metadata("design:type", Array)
], SubscriptionResponse.prototype, "filters", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ enum: subscription_rules_1.subscriptionStatuses }),
    __metadata("design:type", String)
], SubscriptionResponse.prototype, "status", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false }),
    __metadata("design:type", String)
], SubscriptionResponse.prototype, "stopReason", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ description: 'everything up to here is done with' }),
    __metadata("design:type", Number)
], SubscriptionResponse.prototype, "ackedPosition", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", Number)
], SubscriptionResponse.prototype, "headPosition", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", Number)
], SubscriptionResponse.prototype, "lag", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ description: 'records, each counted once' }),
    __metadata("design:type", Number)
], SubscriptionResponse.prototype, "delivered", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ description: 'failed attempts at what is due' }),
    __metadata("design:type", Number)
], SubscriptionResponse.prototype, "attempts", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false }),
    __metadata("design:type", String)
], SubscriptionResponse.prototype, "lastError", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false }),
    __metadata("design:type", String)
], SubscriptionResponse.prototype, "lastDeliveredAt", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false, description: 'not before; absent: at once' }),
    __metadata("design:type", String)
], SubscriptionResponse.prototype, "nextAttemptAt", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false, description: 'a planned outage of the consumer that is running' }),
    __metadata("design:type", RunningOutage)
], SubscriptionResponse.prototype, "outage", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", Number)
], SubscriptionResponse.prototype, "version", void 0);
function webhookOf(subscription, conditions, secret) {
    const { webhookUrl: url, maxAttempts, deadLetters, webhookRate, previousSecretUntil } = subscription;
    if (url === null)
        return undefined;
    return {
        url,
        secret,
        handshake: subscription.webhookHandshake,
        maxAttempts,
        order: subscription.webhookOrder,
        maxEvents: subscription.webhookMaxEvents,
        held: subscription.held,
        circuit: conditions.circuit,
        circuitUntil: conditions.circuitUntil?.toISOString(),
        deadLetters,
        rate: webhookRate ?? undefined,
        previousSecretUntil: previousSecretUntil?.toISOString(),
    };
}
class SubscriptionPage {
    items;
    nextCursor;
}
exports.SubscriptionPage = SubscriptionPage;
__decorate([
    (0, swagger_1.ApiProperty)({ type: [SubscriptionResponse] }),
    __metadata("design:type", Array)
], SubscriptionPage.prototype, "items", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false }),
    __metadata("design:type", String)
], SubscriptionPage.prototype, "nextCursor", void 0);
//# sourceMappingURL=subscriptions.dto.js.map