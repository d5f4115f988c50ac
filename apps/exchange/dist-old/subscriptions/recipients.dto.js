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
exports.RecipientPage = exports.RecipientResponse = void 0;
const swagger_1 = require("@nestjs/swagger");
const subscription_rules_1 = require("./subscription.rules");
/** A consumer's subscription as the owner of the dataset sees it: who and how far, never where to. */
class RecipientResponse {
    subscriptionId;
    agreementId;
    consumerDepartment;
    purpose;
    mode;
    status;
    stopReason;
    ackedPosition;
    lag;
    delivered;
    lastDeliveredAt;
    deadLetters;
    isOut;
}
exports.RecipientResponse = RecipientResponse;
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], RecipientResponse.prototype, "subscriptionId", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], RecipientResponse.prototype, "agreementId", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], RecipientResponse.prototype, "consumerDepartment", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], RecipientResponse.prototype, "purpose", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], RecipientResponse.prototype, "mode", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ enum: subscription_rules_1.subscriptionStatuses }),
    __metadata("design:type", String)
], RecipientResponse.prototype, "status", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false }),
    __metadata("design:type", String)
], RecipientResponse.prototype, "stopReason", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ description: 'everything up to here is done with' }),
    __metadata("design:type", Number)
], RecipientResponse.prototype, "ackedPosition", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", Number)
], RecipientResponse.prototype, "lag", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ description: 'records, each counted once' }),
    __metadata("design:type", Number)
], RecipientResponse.prototype, "delivered", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false }),
    __metadata("design:type", String)
], RecipientResponse.prototype, "lastDeliveredAt", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ description: 'pages put aside and not delivered since' }),
    __metadata("design:type", Number)
], RecipientResponse.prototype, "deadLetters", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ description: 'whether a planned outage of the consumer is running' }),
    __metadata("design:type", Boolean)
], RecipientResponse.prototype, "isOut", void 0);
class RecipientPage {
    items;
    nextCursor;
}
exports.RecipientPage = RecipientPage;
__decorate([
    (0, swagger_1.ApiProperty)({ type: [RecipientResponse] }),
    __metadata("design:type", Array)
], RecipientPage.prototype, "items", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false }),
    __metadata("design:type", String)
], RecipientPage.prototype, "nextCursor", void 0);
//# sourceMappingURL=recipients.dto.js.map