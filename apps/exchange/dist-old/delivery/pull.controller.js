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
exports.PullController = void 0;
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const swagger_1 = require("@nestjs/swagger");
const pull_dto_1 = require("./pull.dto");
const pull_service_1 = require("./pull.service");
let PullController = class PullController {
    pulls;
    constructor(pulls) {
        this.pulls = pulls;
    }
    pull(id, query, caller, reply) {
        return this.pulls.pull(id, query, caller, (callback) => reply.raw.once('close', callback));
    }
};
exports.PullController = PullController;
__decorate([
    (0, common_1.Get)(':id/events'),
    (0, platform_1.Scopes)('events:read'),
    (0, swagger_1.ApiOperation)({ operationId: 'pullEvents', summary: 'Pull events; each page with events is a disclosure' }),
    (0, swagger_1.ApiOkResponse)({ type: pull_dto_1.PullResponse }),
    (0, swagger_1.ApiConflictResponse)(),
    (0, swagger_1.ApiTooManyRequestsResponse)(),
    __param(0, (0, common_1.Param)('id', common_1.ParseUUIDPipe)),
    __param(1, (0, common_1.Query)()),
    __param(2, (0, platform_1.CurrentCaller)()),
    __param(3, (0, common_1.Res)({ passthrough: true })),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [String, pull_dto_1.PullQuery, Object, Object]),
    __metadata("design:returntype", Promise)
], PullController.prototype, "pull", null);
exports.PullController = PullController = __decorate([
    (0, common_1.Controller)('v1/subscriptions'),
    __metadata("design:paramtypes", [pull_service_1.PullService])
], PullController);
//# sourceMappingURL=pull.controller.js.map