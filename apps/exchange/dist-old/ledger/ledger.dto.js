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
exports.LedgerResponse = exports.EventStatusResponse = exports.EventDelivery = exports.EventStatusQuery = void 0;
const contracts_1 = require("@govbus/contracts");
const swagger_1 = require("@nestjs/swagger");
const class_validator_1 = require("class-validator");
class EventStatusQuery {
    source;
    id;
}
exports.EventStatusQuery = EventStatusQuery;
__decorate([
    (0, class_validator_1.IsString)(),
    (0, class_validator_1.MaxLength)(512),
    __metadata("design:type", String)
], EventStatusQuery.prototype, "source", void 0);
__decorate([
    (0, class_validator_1.IsString)(),
    (0, class_validator_1.MaxLength)(512),
    __metadata("design:type", String)
], EventStatusQuery.prototype, "id", void 0);
const eventStatuses = ['accepted', 'stored', 'conflict', 'unknown'];
/** A disclosure whose positions cover an event. */
class EventDelivery {
    disclosureId;
    disclosedAt;
    consumerDepartment;
    agreementId;
    agreementVersion;
    subscriptionId;
    purpose;
    mode;
    record;
    isDone;
}
exports.EventDelivery = EventDelivery;
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], EventDelivery.prototype, "disclosureId", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], EventDelivery.prototype, "disclosedAt", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], EventDelivery.prototype, "consumerDepartment", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], EventDelivery.prototype, "agreementId", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", Number)
], EventDelivery.prototype, "agreementVersion", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false }),
    __metadata("design:type", String)
], EventDelivery.prototype, "subscriptionId", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false }),
    __metadata("design:type", String)
], EventDelivery.prototype, "purpose", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false, enum: contracts_1.deliveryModes }),
    __metadata("design:type", String)
], EventDelivery.prototype, "mode", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({
        enum: ['included', 'possible'],
        description: '`possible`: positions around it were shown, under terms or a choice that cannot be repeated',
    }),
    __metadata("design:type", String)
], EventDelivery.prototype, "record", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({
        required: false,
        description: 'whether its subscription is past the event: confirmed by the consumer, or put aside',
    }),
    __metadata("design:type", Boolean)
], EventDelivery.prototype, "isDone", void 0);
class EventStatusResponse {
    status;
    datasetId;
    position;
    recordedAt;
    deliveries;
    isComplete;
}
exports.EventStatusResponse = EventStatusResponse;
__decorate([
    (0, swagger_1.ApiProperty)({
        enum: eventStatuses,
        description: '`accepted`: on disk, and the ledger comes to it (known for the last events of the process that is asked); ' +
            '`stored`: at `position`, once, however often it was sent; `conflict`: another event came under the same source ' +
            'and id, and was put aside; `unknown`: not in the ledger, or not yet',
    }),
    __metadata("design:type", Object)
], EventStatusResponse.prototype, "status", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false }),
    __metadata("design:type", String)
], EventStatusResponse.prototype, "datasetId", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false }),
    __metadata("design:type", Number)
], EventStatusResponse.prototype, "position", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false }),
    __metadata("design:type", String)
], EventStatusResponse.prototype, "recordedAt", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false, type: [EventDelivery], description: 'to whom the stored event went, oldest first' }),
    __metadata("design:type", Array)
], EventStatusResponse.prototype, "deliveries", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false, description: 'false: there may be more deliveries than are told' }),
    __metadata("design:type", Boolean)
], EventStatusResponse.prototype, "isComplete", void 0);
class LedgerResponse {
    datasetId;
    firstPosition;
    lastPosition;
    events;
    records;
    conflicts;
}
exports.LedgerResponse = LedgerResponse;
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], LedgerResponse.prototype, "datasetId", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ description: 'the first event that is kept; what was before it is removed (retention)' }),
    __metadata("design:type", Number)
], LedgerResponse.prototype, "firstPosition", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", Number)
], LedgerResponse.prototype, "lastPosition", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ description: 'how many events are kept' }),
    __metadata("design:type", Number)
], LedgerResponse.prototype, "events", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ description: 'records by their newest event' }),
    __metadata("design:type", Number)
], LedgerResponse.prototype, "records", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", Number)
], LedgerResponse.prototype, "conflicts", void 0);
//# sourceMappingURL=ledger.dto.js.map