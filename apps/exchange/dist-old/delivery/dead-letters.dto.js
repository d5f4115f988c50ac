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
exports.RedriveResponse = exports.DeadLetterPage = exports.DeadLetterResponse = void 0;
const swagger_1 = require("@nestjs/swagger");
class DeadLetterResponse {
    deadLetterId;
    firstPosition;
    lastPosition;
    records;
    reason;
    attempts;
    putAsideAt;
    static from({ deadLetterId, after, through, records, reason, attempts, putAsideAt }) {
        const [firstPosition, lastPosition] = [after + 1, through];
        return {
            deadLetterId,
            firstPosition,
            lastPosition,
            records,
            reason,
            attempts,
            putAsideAt: putAsideAt.toISOString(),
        };
    }
}
exports.DeadLetterResponse = DeadLetterResponse;
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], DeadLetterResponse.prototype, "deadLetterId", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ description: 'the first position looked at' }),
    __metadata("design:type", Number)
], DeadLetterResponse.prototype, "firstPosition", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ description: 'the last position looked at' }),
    __metadata("design:type", Number)
], DeadLetterResponse.prototype, "lastPosition", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ description: 'how many events of them the lens let through' }),
    __metadata("design:type", Number)
], DeadLetterResponse.prototype, "records", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], DeadLetterResponse.prototype, "reason", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", Number)
], DeadLetterResponse.prototype, "attempts", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], DeadLetterResponse.prototype, "putAsideAt", void 0);
class DeadLetterPage {
    items;
    nextCursor;
}
exports.DeadLetterPage = DeadLetterPage;
__decorate([
    (0, swagger_1.ApiProperty)({ type: [DeadLetterResponse] }),
    __metadata("design:type", Array)
], DeadLetterPage.prototype, "items", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false }),
    __metadata("design:type", String)
], DeadLetterPage.prototype, "nextCursor", void 0);
class RedriveResponse {
    delivered;
    error;
}
exports.RedriveResponse = RedriveResponse;
__decorate([
    (0, swagger_1.ApiProperty)({ description: 'whether the receiver took the page; it is then no dead letter any more' }),
    __metadata("design:type", Boolean)
], RedriveResponse.prototype, "delivered", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false }),
    __metadata("design:type", String)
], RedriveResponse.prototype, "error", void 0);
//# sourceMappingURL=dead-letters.dto.js.map