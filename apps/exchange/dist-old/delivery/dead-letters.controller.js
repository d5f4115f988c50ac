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
exports.DeadLettersController = void 0;
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const swagger_1 = require("@nestjs/swagger");
const dead_letters_dto_1 = require("./dead-letters.dto");
const dead_letters_service_1 = require("./dead-letters.service");
let DeadLettersController = class DeadLettersController {
    deadLetters;
    constructor(deadLetters) {
        this.deadLetters = deadLetters;
    }
    async list(id, query, caller) {
        const rows = await this.deadLetters.list(id, query, caller);
        return (0, platform_1.pageOf)(rows, query.limit, (row) => [row.putAsideAt.toISOString(), row.deadLetterId], (row) => dead_letters_dto_1.DeadLetterResponse.from(row));
    }
    redrive(id, deadLetterId, caller) {
        return this.deadLetters.redrive(id, deadLetterId, caller);
    }
};
exports.DeadLettersController = DeadLettersController;
__decorate([
    (0, common_1.Get)(':id/dead-letters'),
    (0, swagger_1.ApiOperation)({ operationId: 'listDeadLetters', summary: 'Pages that the receiver did not take, the oldest first' }),
    (0, swagger_1.ApiOkResponse)({ type: dead_letters_dto_1.DeadLetterPage }),
    __param(0, (0, common_1.Param)('id', common_1.ParseUUIDPipe)),
    __param(1, (0, common_1.Query)()),
    __param(2, (0, platform_1.CurrentCaller)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [String, platform_1.PageQuery, Object]),
    __metadata("design:returntype", Promise)
], DeadLettersController.prototype, "list", null);
__decorate([
    (0, common_1.Post)(':id/dead-letters/:deadLetterId/redrive'),
    (0, common_1.HttpCode)(200),
    (0, swagger_1.ApiOperation)({ operationId: 'redriveDeadLetter', summary: 'Deliver a page that was put aside, decided anew' }),
    (0, swagger_1.ApiOkResponse)({ type: dead_letters_dto_1.RedriveResponse }),
    (0, swagger_1.ApiTooManyRequestsResponse)(),
    __param(0, (0, common_1.Param)('id', common_1.ParseUUIDPipe)),
    __param(1, (0, common_1.Param)('deadLetterId', common_1.ParseUUIDPipe)),
    __param(2, (0, platform_1.CurrentCaller)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [String, String, Object]),
    __metadata("design:returntype", Promise)
], DeadLettersController.prototype, "redrive", null);
exports.DeadLettersController = DeadLettersController = __decorate([
    (0, common_1.Controller)('v1/subscriptions'),
    (0, platform_1.Scopes)('events:read'),
    __metadata("design:paramtypes", [dead_letters_service_1.DeadLettersService])
], DeadLettersController);
//# sourceMappingURL=dead-letters.controller.js.map