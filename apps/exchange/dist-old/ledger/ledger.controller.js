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
exports.LedgerController = void 0;
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const swagger_1 = require("@nestjs/swagger");
const ledger_dto_1 = require("./ledger.dto");
const ledger_service_1 = require("./ledger.service");
let LedgerController = class LedgerController {
    ledger;
    constructor(ledger) {
        this.ledger = ledger;
    }
    status(query, caller) {
        return this.ledger.statusOf(query, caller);
    }
    ledgerOf(datasetId, caller) {
        return this.ledger.ledgerOf(datasetId, caller);
    }
};
exports.LedgerController = LedgerController;
__decorate([
    (0, common_1.Get)('events/status'),
    (0, platform_1.Scopes)('events:publish'),
    (0, swagger_1.ApiOperation)({ operationId: 'showEventStatus', summary: 'Show what became of a published event' }),
    (0, swagger_1.ApiOkResponse)({ type: ledger_dto_1.EventStatusResponse }),
    __param(0, (0, common_1.Query)()),
    __param(1, (0, platform_1.CurrentCaller)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [ledger_dto_1.EventStatusQuery, Object]),
    __metadata("design:returntype", Promise)
], LedgerController.prototype, "status", null);
__decorate([
    (0, common_1.Get)('datasets/:datasetId/ledger'),
    (0, platform_1.Scopes)('events:publish', 'events:read', 'admin'),
    (0, swagger_1.ApiOperation)({ operationId: 'showLedger', summary: 'Show how far the ledger of a dataset is' }),
    (0, swagger_1.ApiOkResponse)({ type: ledger_dto_1.LedgerResponse }),
    __param(0, (0, common_1.Param)('datasetId')),
    __param(1, (0, platform_1.CurrentCaller)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [String, Object]),
    __metadata("design:returntype", Promise)
], LedgerController.prototype, "ledgerOf", null);
exports.LedgerController = LedgerController = __decorate([
    (0, common_1.Controller)('v1'),
    __metadata("design:paramtypes", [ledger_service_1.LedgerService])
], LedgerController);
//# sourceMappingURL=ledger.controller.js.map