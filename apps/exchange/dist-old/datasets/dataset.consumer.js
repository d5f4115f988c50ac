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
var __param = (this && this.__param) || function (paramIndex, decorator) {
    return function (target, key) { decorator(target, key, paramIndex); }
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.DatasetConsumer = exports.DATASETS_CHANGED = void 0;
const contracts_1 = require("@govbus/contracts");
const messaging_1 = require("@govbus/messaging");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const microservices_1 = require("@nestjs/microservices");
const dataset_entity_1 = require("./dataset.entity");
/** Channel on which every process of the exchange hears that a dataset changed. */
exports.DATASETS_CHANGED = 'datasets';
let DatasetConsumer = class DatasetConsumer {
    inbox;
    constructor(inbox) {
        this.inbox = inbox;
    }
    apply(message) {
        return this.inbox.process(contracts_1.DatasetRecord, message, async ({ data }, tx) => {
            if (await (0, platform_1.keepNewest)(dataset_entity_1.DatasetCopy, copyOf(data), tx))
                await platform_1.Changes.notify(exports.DATASETS_CHANGED, data.datasetId, tx);
        });
    }
};
exports.DatasetConsumer = DatasetConsumer;
__decorate([
    (0, messaging_1.Handles)(contracts_1.DatasetRecord),
    __param(0, (0, microservices_1.Payload)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [Object]),
    __metadata("design:returntype", Promise)
], DatasetConsumer.prototype, "apply", null);
exports.DatasetConsumer = DatasetConsumer = __decorate([
    (0, common_1.Controller)(),
    __metadata("design:paramtypes", [messaging_1.Inbox])
], DatasetConsumer);
const copyOf = (record) => {
    const { datasetId, responsibleDepartment, publishers, keyPointer, schemas, status, version } = record;
    const { dataSubjectPointer = null, retentionDays = null, legalHold = false } = record;
    const known = { datasetId, responsibleDepartment, publishers, keyPointer, schemas, status, version };
    return { ...known, dataSubjectPointer, retentionDays, legalHold };
};
//# sourceMappingURL=dataset.consumer.js.map