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
exports.DiscardOrder = exports.ReplayAllResponse = exports.UnreadableMessagePage = exports.UnreadableMessageResponse = void 0;
const swagger_1 = require("@nestjs/swagger");
const class_validator_1 = require("class-validator");
class UnreadableMessageResponse {
    id;
    topic;
    partition;
    offset;
    reason;
    bytes;
    parkedAt;
}
exports.UnreadableMessageResponse = UnreadableMessageResponse;
__decorate([
    (0, swagger_1.ApiProperty)({ description: '`<topic>-<partition>-<offset>`' }),
    __metadata("design:type", String)
], UnreadableMessageResponse.prototype, "id", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], UnreadableMessageResponse.prototype, "topic", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ type: 'integer' }),
    __metadata("design:type", Number)
], UnreadableMessageResponse.prototype, "partition", void 0);
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], UnreadableMessageResponse.prototype, "offset", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ description: 'why it is no event, or which error of PostgreSQL refused it; nothing of its content' }),
    __metadata("design:type", String)
], UnreadableMessageResponse.prototype, "reason", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ type: 'integer', description: 'size of the message' }),
    __metadata("design:type", Number)
], UnreadableMessageResponse.prototype, "bytes", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ type: String, format: 'date-time' }),
    __metadata("design:type", Date)
], UnreadableMessageResponse.prototype, "parkedAt", void 0);
class UnreadableMessagePage {
    items;
    nextCursor;
}
exports.UnreadableMessagePage = UnreadableMessagePage;
__decorate([
    (0, swagger_1.ApiProperty)({ type: [UnreadableMessageResponse] }),
    __metadata("design:type", Array)
], UnreadableMessagePage.prototype, "items", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false }),
    __metadata("design:type", String)
], UnreadableMessagePage.prototype, "nextCursor", void 0);
class ReplayAllResponse {
    replayed;
    left;
}
exports.ReplayAllResponse = ReplayAllResponse;
__decorate([
    (0, swagger_1.ApiProperty)({ type: 'integer', description: 'how many are in the ledger now' }),
    __metadata("design:type", Number)
], ReplayAllResponse.prototype, "replayed", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ type: 'integer', description: 'how many stay parked' }),
    __metadata("design:type", Number)
], ReplayAllResponse.prototype, "left", void 0);
class DiscardOrder {
    reason;
}
exports.DiscardOrder = DiscardOrder;
__decorate([
    (0, class_validator_1.IsString)(),
    (0, class_validator_1.MinLength)(1),
    (0, class_validator_1.MaxLength)(500),
    __metadata("design:type", String)
], DiscardOrder.prototype, "reason", void 0);
//# sourceMappingURL=unreadable-messages.dto.js.map