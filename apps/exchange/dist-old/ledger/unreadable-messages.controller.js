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
exports.UnreadableMessagesController = void 0;
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const swagger_1 = require("@nestjs/swagger");
const unreadable_messages_1 = require("./unreadable-messages");
const unreadable_messages_dto_1 = require("./unreadable-messages.dto");
/** Messages of `bus.events` that the ledger could not take. */
let UnreadableMessagesController = class UnreadableMessagesController {
    messages;
    constructor(messages) {
        this.messages = messages;
    }
    async list({ cursor, limit }) {
        const rows = await this.messages.list(cursor, limit);
        const keyOf = (row) => [row.topic, row.partition, row.offset];
        return (0, platform_1.pageOf)(rows, limit, keyOf, (row) => row);
    }
    replayAll(caller) {
        return this.messages.replayAll(caller);
    }
    replay(id, caller) {
        return this.messages.replay(id, caller);
    }
    discard(id, { reason }, caller) {
        return this.messages.discard(id, reason, caller);
    }
};
exports.UnreadableMessagesController = UnreadableMessagesController;
__decorate([
    (0, common_1.Get)(),
    (0, swagger_1.ApiOperation)({
        operationId: 'listUnreadableMessages',
        summary: 'Messages of the bus that the ledger could not take',
    }),
    (0, swagger_1.ApiOkResponse)({ type: unreadable_messages_dto_1.UnreadableMessagePage }),
    __param(0, (0, common_1.Query)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [platform_1.PageQuery]),
    __metadata("design:returntype", Promise)
], UnreadableMessagesController.prototype, "list", null);
__decorate([
    (0, common_1.Post)('replay'),
    (0, common_1.HttpCode)(200),
    (0, swagger_1.ApiOperation)({ operationId: 'replayUnreadableMessages', summary: 'Try all of them again, a thousand at most' }),
    (0, swagger_1.ApiOkResponse)({ type: unreadable_messages_dto_1.ReplayAllResponse }),
    __param(0, (0, platform_1.CurrentCaller)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [Object]),
    __metadata("design:returntype", Promise)
], UnreadableMessagesController.prototype, "replayAll", null);
__decorate([
    (0, common_1.Post)(':id/replay'),
    (0, common_1.HttpCode)(204),
    (0, swagger_1.ApiOperation)({
        operationId: 'replayUnreadableMessage',
        summary: 'Try one again; it is gone when it is in the ledger',
    }),
    (0, swagger_1.ApiNoContentResponse)(),
    __param(0, (0, common_1.Param)('id')),
    __param(1, (0, platform_1.CurrentCaller)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [String, Object]),
    __metadata("design:returntype", Promise)
], UnreadableMessagesController.prototype, "replay", null);
__decorate([
    (0, common_1.Post)(':id/discard'),
    (0, common_1.HttpCode)(204),
    (0, swagger_1.ApiOperation)({ operationId: 'discardUnreadableMessage', summary: 'Throw one away, with a reason' }),
    (0, swagger_1.ApiNoContentResponse)(),
    __param(0, (0, common_1.Param)('id')),
    __param(1, (0, common_1.Body)()),
    __param(2, (0, platform_1.CurrentCaller)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [String, unreadable_messages_dto_1.DiscardOrder, Object]),
    __metadata("design:returntype", Promise)
], UnreadableMessagesController.prototype, "discard", null);
exports.UnreadableMessagesController = UnreadableMessagesController = __decorate([
    (0, common_1.Controller)('v1/unreadable-messages'),
    (0, platform_1.Scopes)('admin'),
    __metadata("design:paramtypes", [unreadable_messages_1.UnreadableMessages])
], UnreadableMessagesController);
//# sourceMappingURL=unreadable-messages.controller.js.map