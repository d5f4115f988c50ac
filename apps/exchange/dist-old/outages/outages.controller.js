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
exports.OutagesController = void 0;
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const swagger_1 = require("@nestjs/swagger");
const outages_dto_1 = require("./outages.dto");
const outages_service_1 = require("./outages.service");
let OutagesController = class OutagesController {
    outages;
    constructor(outages) {
        this.outages = outages;
    }
    async announce(order, caller) {
        return outages_dto_1.OutageResponse.from(await this.outages.announce(order, caller));
    }
    async list(caller) {
        const outages = await this.outages.list(caller);
        return { items: outages.map((outage) => outages_dto_1.OutageResponse.from(outage)) };
    }
    withdraw(id, caller) {
        return this.outages.withdraw(id, caller);
    }
};
exports.OutagesController = OutagesController;
__decorate([
    (0, common_1.Post)(),
    (0, swagger_1.ApiOperation)({ operationId: 'announceOutage', summary: 'Announce when nothing is to be sent to the department' }),
    (0, swagger_1.ApiCreatedResponse)({ type: outages_dto_1.OutageResponse }),
    __param(0, (0, common_1.Body)()),
    __param(1, (0, platform_1.CurrentCaller)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [outages_dto_1.AnnounceOutageRequest, Object]),
    __metadata("design:returntype", Promise)
], OutagesController.prototype, "announce", null);
__decorate([
    (0, common_1.Get)(),
    (0, swagger_1.ApiOperation)({ operationId: 'listOutages', summary: 'The planned outages of the department that are not over' }),
    (0, swagger_1.ApiOkResponse)({ type: outages_dto_1.OutageList }),
    __param(0, (0, platform_1.CurrentCaller)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [Object]),
    __metadata("design:returntype", Promise)
], OutagesController.prototype, "list", null);
__decorate([
    (0, common_1.Delete)(':id'),
    (0, common_1.HttpCode)(204),
    (0, swagger_1.ApiOperation)({ operationId: 'withdrawOutage', summary: 'End an outage early, or call it off' }),
    (0, swagger_1.ApiNoContentResponse)(),
    __param(0, (0, common_1.Param)('id', common_1.ParseUUIDPipe)),
    __param(1, (0, platform_1.CurrentCaller)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [String, Object]),
    __metadata("design:returntype", Promise)
], OutagesController.prototype, "withdraw", null);
exports.OutagesController = OutagesController = __decorate([
    (0, common_1.Controller)('v1/outages'),
    (0, platform_1.Scopes)('events:read'),
    __metadata("design:paramtypes", [outages_service_1.OutagesService])
], OutagesController);
//# sourceMappingURL=outages.controller.js.map