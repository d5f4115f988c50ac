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
exports.QueryResponse = exports.RunQueryRequest = void 0;
const contracts_1 = require("@govbus/contracts");
const swagger_1 = require("@nestjs/swagger");
const class_validator_1 = require("class-validator");
const scalar = { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }, { type: 'null' }] };
class RunQueryRequest {
    agreementId;
    purpose;
    /** The case that the query is for, as the consumer names it: a reference, never a name. */
    caseReference;
    /** The key of one record; the agreement must show the key as it is. */
    key;
    /** Granted fields (JSON pointers) and the values they must have, as the agreement shows them. */
    where;
    limit = 100;
    /** `nextCursor` of the page before, with the same agreement and question. */
    cursor;
}
exports.RunQueryRequest = RunQueryRequest;
__decorate([
    (0, class_validator_1.IsUUID)(),
    __metadata("design:type", String)
], RunQueryRequest.prototype, "agreementId", void 0);
__decorate([
    (0, contracts_1.IsSlug)(),
    __metadata("design:type", String)
], RunQueryRequest.prototype, "purpose", void 0);
__decorate([
    (0, class_validator_1.IsOptional)(),
    (0, class_validator_1.Matches)(contracts_1.caseReferencePattern),
    __metadata("design:type", String)
], RunQueryRequest.prototype, "caseReference", void 0);
__decorate([
    (0, class_validator_1.IsOptional)(),
    (0, class_validator_1.IsString)(),
    (0, class_validator_1.MinLength)(1),
    (0, class_validator_1.MaxLength)(1024),
    __metadata("design:type", String)
], RunQueryRequest.prototype, "key", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false, type: 'object', maxProperties: 10, additionalProperties: scalar }),
    (0, class_validator_1.IsOptional)(),
    (0, class_validator_1.Allow)(),
    __metadata("design:type", Object)
], RunQueryRequest.prototype, "where", void 0);
__decorate([
    (0, class_validator_1.IsInt)(),
    (0, class_validator_1.Min)(1),
    (0, class_validator_1.Max)(500),
    __metadata("design:type", Number)
], RunQueryRequest.prototype, "limit", void 0);
__decorate([
    (0, class_validator_1.IsOptional)(),
    (0, class_validator_1.IsString)(),
    (0, class_validator_1.MaxLength)(4000),
    __metadata("design:type", String)
], RunQueryRequest.prototype, "cursor", void 0);
class QueryResponse {
    disclosureId;
    events;
    nextCursor;
    hasMore;
}
exports.QueryResponse = QueryResponse;
__decorate([
    (0, swagger_1.ApiProperty)(),
    __metadata("design:type", String)
], QueryResponse.prototype, "disclosureId", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ type: 'array', items: { type: 'object', additionalProperties: true } }),
    __metadata("design:type", Array)
], QueryResponse.prototype, "events", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ required: false }),
    __metadata("design:type", String)
], QueryResponse.prototype, "nextCursor", void 0);
__decorate([
    (0, swagger_1.ApiProperty)({ description: 'a page may be empty and yet not be the last' }),
    __metadata("design:type", Boolean)
], QueryResponse.prototype, "hasMore", void 0);
//# sourceMappingURL=queries.dto.js.map