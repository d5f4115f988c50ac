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
exports.OutageList = exports.OutageResponse = exports.AnnounceOutageRequest = void 0;
const swagger_1 = require("@nestjs/swagger");
const class_validator_1 = require("class-validator");
const withOffset = /(Z|[+-]\d\d:\d\d)$/;
class AnnounceOutageRequest {
    /** Without it, of all subscriptions of the department. */
    subscriptionId;
    /** With its offset from UTC. */
    from;
    until;
    reason;
}
exports.AnnounceOutageRequest = AnnounceOutageRequest;
__decorate([
    (0, class_validator_1.IsOptional)(),
    (0, class_validator_1.IsUUID)(),
    __metadata("design:type", String)
], AnnounceOutageRequest.prototype, "subscriptionId", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ format: 'date-time' }),
    (0, class_validator_1.IsISO8601)({ strict: true }),
    (0, class_validator_1.Matches)(withOffset),
    __metadata("design:type", String)
], AnnounceOutageRequest.prototype, "from", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ format: 'date-time' }),
    (0, class_validator_1.IsISO8601)({ strict: true }),
    (0, class_validator_1.Matches)(withOffset),
    __metadata("design:type", String)
], AnnounceOutageRequest.prototype, "until", void 0);
__decorate([
    (0, class_validator_1.IsString)(),
    (0, class_validator_1.MinLength)(1),
    (0, class_validator_1.MaxLength)(500),
    __metadata("design:type", String)
], AnnounceOutageRequest.prototype, "reason", void 0);
class OutageResponse {
    outageId;
    subscriptionId;
    from;
    until;
    reason;
    static from({ outageId, subscriptionId, from, until, reason }) {
        const [starts, ends] = [from.toISOString(), until.toISOString()];
        return { outageId, subscriptionId: subscriptionId ?? undefined, from: starts, until: ends, reason };
    }
}
exports.OutageResponse = OutageResponse;
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], OutageResponse.prototype, "outageId", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false }),
    __metadata("design:type", String)
], OutageResponse.prototype, "subscriptionId", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], OutageResponse.prototype, "from", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], OutageResponse.prototype, "until", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], OutageResponse.prototype, "reason", void 0);
class OutageList {
    items;
}
exports.OutageList = OutageList;
__decorate([
    (0, swagger_1.ApiProperty)({ type: [OutageResponse], description: 'those that are not over, the next first; 100 at most' }),
    __metadata("design:type", Array)
], OutageList.prototype, "items", void 0);
//# sourceMappingURL=outages.dto.js.map