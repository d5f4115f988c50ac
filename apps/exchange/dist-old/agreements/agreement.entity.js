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
exports.AgreementCopy = void 0;
const typeorm_1 = require("typeorm");
/** Copy of an agreement of the data-catalog, kept by the topic `catalog.registry`. */
let AgreementCopy = class AgreementCopy {
    agreementId;
    datasetId;
    providerDepartment;
    consumerDepartment;
    status;
    terms;
    /** Why the exchange itself holds it back; whatever newer version arrives takes the hold away. */
    heldFor;
    version;
};
exports.AgreementCopy = AgreementCopy;
__decorate([
    (0, typeorm_1.PrimaryColumn)('uuid', { name: 'agreement_id' }),
    __metadata("design:type", String)
], AgreementCopy.prototype, "agreementId", void 0);
__decorate([
    (0, typeorm_1.Column)('text', { name: 'dataset_id' }),
    __metadata("design:type", String)
], AgreementCopy.prototype, "datasetId", void 0);
__decorate([
    (0, typeorm_1.Column)('text', { name: 'provider_department' }),
    __metadata("design:type", String)
], AgreementCopy.prototype, "providerDepartment", void 0);
__decorate([
    (0, typeorm_1.Column)('text', { name: 'consumer_department' }),
    __metadata("design:type", String)
], AgreementCopy.prototype, "consumerDepartment", void 0);
__decorate([
    (0, typeorm_1.Column)('text'),
    __metadata("design:type", String)
], AgreementCopy.prototype, "status", void 0);
__decorate([
    (0, typeorm_1.Column)('jsonb'),
    __metadata("design:type", Function)
], AgreementCopy.prototype, "terms", void 0);
__decorate([
    (0, typeorm_1.Column)('text', { name: 'held_for', nullable: true }),
    __metadata("design:type", Object)
], AgreementCopy.prototype, "heldFor", void 0);
__decorate([
    (0, typeorm_1.Column)('integer'),
    __metadata("design:type", Number)
], AgreementCopy.prototype, "version", void 0);
exports.AgreementCopy = AgreementCopy = __decorate([
    (0, typeorm_1.Entity)('agreements')
], AgreementCopy);
//# sourceMappingURL=agreement.entity.js.map