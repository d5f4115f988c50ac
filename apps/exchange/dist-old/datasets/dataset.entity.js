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
exports.DatasetCopy = void 0;
const typeorm_1 = require("typeorm");
/** Copy of what the exchange needs of a dataset of the data-catalog, kept by the topic `catalog.registry`. */
let DatasetCopy = class DatasetCopy {
    datasetId;
    responsibleDepartment;
    publishers;
    keyPointer;
    dataSubjectPointer;
    schemas;
    retentionDays;
    legalHold;
    status;
    version;
};
exports.DatasetCopy = DatasetCopy;
__decorate([
    (0, typeorm_1.PrimaryColumn)('text', { name: 'dataset_id' }),
    __metadata("design:type", String)
], DatasetCopy.prototype, "datasetId", void 0);
__decorate([
    (0, typeorm_1.Column)('text', { name: 'responsible_department' }),
    __metadata("design:type", String)
], DatasetCopy.prototype, "responsibleDepartment", void 0);
__decorate([
    (0, typeorm_1.Column)('jsonb'),
    __metadata("design:type", Array)
], DatasetCopy.prototype, "publishers", void 0);
__decorate([
    (0, typeorm_1.Column)('text', { name: 'key_pointer' }),
    __metadata("design:type", String)
], DatasetCopy.prototype, "keyPointer", void 0);
__decorate([
    (0, typeorm_1.Column)('text', { name: 'data_subject_pointer', nullable: true }),
    __metadata("design:type", Object)
], DatasetCopy.prototype, "dataSubjectPointer", void 0);
__decorate([
    (0, typeorm_1.Column)('jsonb'),
    __metadata("design:type", Array)
], DatasetCopy.prototype, "schemas", void 0);
__decorate([
    (0, typeorm_1.Column)('integer', { name: 'retention_days', nullable: true }),
    __metadata("design:type", Object)
], DatasetCopy.prototype, "retentionDays", void 0);
__decorate([
    (0, typeorm_1.Column)('boolean', { name: 'legal_hold' }),
    __metadata("design:type", Boolean)
], DatasetCopy.prototype, "legalHold", void 0);
__decorate([
    (0, typeorm_1.Column)('text'),
    __metadata("design:type", String)
], DatasetCopy.prototype, "status", void 0);
__decorate([
    (0, typeorm_1.Column)('integer'),
    __metadata("design:type", Number)
], DatasetCopy.prototype, "version", void 0);
exports.DatasetCopy = DatasetCopy = __decorate([
    (0, typeorm_1.Entity)('datasets')
], DatasetCopy);
//# sourceMappingURL=dataset.entity.js.map