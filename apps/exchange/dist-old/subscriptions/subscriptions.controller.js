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
exports.SubscriptionsController = void 0;
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const swagger_1 = require("@nestjs/swagger");
const subscriptions_dto_1 = require("./subscriptions.dto");
const subscriptions_service_1 = require("./subscriptions.service");
const answer = (view) => subscriptions_dto_1.SubscriptionResponse.from(view);
let SubscriptionsController = class SubscriptionsController {
    subscriptions;
    constructor(subscriptions) {
        this.subscriptions = subscriptions;
    }
    // No `Idempotency-Key` here: the answer holds the webhook's secret, and a stored answer would keep it in clear text.
    async create(order, caller) {
        const { secret, ...view } = await this.subscriptions.create(order, caller);
        return subscriptions_dto_1.SubscriptionResponse.from(view, secret);
    }
    async list(query, caller) {
        const rows = await this.subscriptions.list(query, caller);
        const cursorOf = ({ subscription }) => [subscription.createdAt.toISOString(), subscription.subscriptionId];
        return (0, platform_1.pageOf)(rows, query.limit, cursorOf, answer);
    }
    async get(id, caller) {
        return answer(await this.subscriptions.get(id, caller));
    }
    async pause(id, ifMatch, caller) {
        return answer(await this.subscriptions.pause(id, ifMatch, caller));
    }
    async resume(id, ifMatch, caller) {
        return answer(await this.subscriptions.resume(id, ifMatch, caller));
    }
    async ack(id, order, caller) {
        return answer(await this.subscriptions.ack(id, order.cursor, caller));
    }
    async seek(id, order, ifMatch, caller) {
        return answer(await this.subscriptions.seek(id, order, ifMatch, caller));
    }
    async skip(id, order, ifMatch, caller) {
        return answer(await this.subscriptions.skip(id, order, ifMatch, caller));
    }
    // No `Idempotency-Key` here either.
    async rotateSecret(id, order, ifMatch, caller) {
        const { secret, ...view } = await this.subscriptions.rotateSecret(id, order, ifMatch, caller);
        return subscriptions_dto_1.SubscriptionResponse.from(view, secret);
    }
    remove(id, ifMatch, caller) {
        return this.subscriptions.remove(id, ifMatch, caller);
    }
};
exports.SubscriptionsController = SubscriptionsController;
__decorate([
    (0, common_1.Post)(),
    (0, swagger_1.ApiCreatedResponse)({ type: subscriptions_dto_1.SubscriptionResponse }),
    __param(0, (0, common_1.Body)()),
    __param(1, (0, platform_1.CurrentCaller)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [subscriptions_dto_1.CreateSubscriptionRequest, Object]),
    __metadata("design:returntype", Promise)
], SubscriptionsController.prototype, "create", null);
__decorate([
    (0, common_1.Get)(),
    (0, swagger_1.ApiOkResponse)({ type: subscriptions_dto_1.SubscriptionPage }),
    __param(0, (0, common_1.Query)()),
    __param(1, (0, platform_1.CurrentCaller)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [subscriptions_dto_1.SubscriptionsQuery, Object]),
    __metadata("design:returntype", Promise)
], SubscriptionsController.prototype, "list", null);
__decorate([
    (0, common_1.Get)(':id'),
    (0, swagger_1.ApiOkResponse)({ type: subscriptions_dto_1.SubscriptionResponse }),
    __param(0, (0, common_1.Param)('id', common_1.ParseUUIDPipe)),
    __param(1, (0, platform_1.CurrentCaller)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [String, Object]),
    __metadata("design:returntype", Promise)
], SubscriptionsController.prototype, "get", null);
__decorate([
    (0, common_1.Post)(':id/pause'),
    (0, common_1.HttpCode)(200),
    (0, swagger_1.ApiOkResponse)({ type: subscriptions_dto_1.SubscriptionResponse }),
    __param(0, (0, common_1.Param)('id', common_1.ParseUUIDPipe)),
    __param(1, (0, common_1.Headers)('if-match')),
    __param(2, (0, platform_1.CurrentCaller)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [String, Object, Object]),
    __metadata("design:returntype", Promise)
], SubscriptionsController.prototype, "pause", null);
__decorate([
    (0, common_1.Post)(':id/resume'),
    (0, common_1.HttpCode)(200),
    (0, swagger_1.ApiOkResponse)({ type: subscriptions_dto_1.SubscriptionResponse }),
    __param(0, (0, common_1.Param)('id', common_1.ParseUUIDPipe)),
    __param(1, (0, common_1.Headers)('if-match')),
    __param(2, (0, platform_1.CurrentCaller)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [String, Object, Object]),
    __metadata("design:returntype", Promise)
], SubscriptionsController.prototype, "resume", null);
__decorate([
    (0, common_1.Post)(':id/ack'),
    (0, common_1.HttpCode)(200),
    (0, swagger_1.ApiOperation)({ operationId: 'acknowledgeEvents', summary: 'Acknowledge the events up to a cursor' }),
    (0, swagger_1.ApiOkResponse)({ type: subscriptions_dto_1.SubscriptionResponse }),
    __param(0, (0, common_1.Param)('id', common_1.ParseUUIDPipe)),
    __param(1, (0, common_1.Body)()),
    __param(2, (0, platform_1.CurrentCaller)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [String, subscriptions_dto_1.AckRequest, Object]),
    __metadata("design:returntype", Promise)
], SubscriptionsController.prototype, "ack", null);
__decorate([
    (0, common_1.Post)(':id/seek'),
    (0, common_1.HttpCode)(200),
    (0, swagger_1.ApiOperation)({ summary: 'Go on from another place: back to replay, forward to skip' }),
    (0, swagger_1.ApiOkResponse)({ type: subscriptions_dto_1.SubscriptionResponse }),
    __param(0, (0, common_1.Param)('id', common_1.ParseUUIDPipe)),
    __param(1, (0, common_1.Body)()),
    __param(2, (0, common_1.Headers)('if-match')),
    __param(3, (0, platform_1.CurrentCaller)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [String, subscriptions_dto_1.SeekRequest, Object, Object]),
    __metadata("design:returntype", Promise)
], SubscriptionsController.prototype, "seek", null);
__decorate([
    (0, common_1.Post)(':id/skip'),
    (0, common_1.HttpCode)(200),
    (0, swagger_1.ApiOperation)({ summary: 'Pass over what is next, with a reason that is kept' }),
    (0, swagger_1.ApiOkResponse)({ type: subscriptions_dto_1.SubscriptionResponse }),
    __param(0, (0, common_1.Param)('id', common_1.ParseUUIDPipe)),
    __param(1, (0, common_1.Body)()),
    __param(2, (0, common_1.Headers)('if-match')),
    __param(3, (0, platform_1.CurrentCaller)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [String, subscriptions_dto_1.SkipRequest, Object, Object]),
    __metadata("design:returntype", Promise)
], SubscriptionsController.prototype, "skip", null);
__decorate([
    (0, common_1.Post)(':id/rotate-secret'),
    (0, common_1.HttpCode)(200),
    (0, swagger_1.ApiOperation)({
        summary: 'A new webhook secret, shown in this answer alone; the one before signs as well for a while',
    })
    // All of it has defaults.
    ,
    (0, swagger_1.ApiBody)({ type: subscriptions_dto_1.RotateSecretRequest, required: false }),
    (0, swagger_1.ApiOkResponse)({ type: subscriptions_dto_1.SubscriptionResponse }),
    __param(0, (0, common_1.Param)('id', common_1.ParseUUIDPipe)),
    __param(1, (0, common_1.Body)()),
    __param(2, (0, common_1.Headers)('if-match')),
    __param(3, (0, platform_1.CurrentCaller)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [String, subscriptions_dto_1.RotateSecretRequest, Object, Object]),
    __metadata("design:returntype", Promise)
], SubscriptionsController.prototype, "rotateSecret", null);
__decorate([
    (0, common_1.Delete)(':id'),
    (0, common_1.HttpCode)(204),
    (0, swagger_1.ApiNoContentResponse)(),
    __param(0, (0, common_1.Param)('id', common_1.ParseUUIDPipe)),
    __param(1, (0, common_1.Headers)('if-match')),
    __param(2, (0, platform_1.CurrentCaller)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [String, Object, Object]),
    __metadata("design:returntype", Promise)
], SubscriptionsController.prototype, "remove", null);
exports.SubscriptionsController = SubscriptionsController = __decorate([
    (0, common_1.Controller)('v1/subscriptions'),
    (0, platform_1.Scopes)('events:read'),
    __metadata("design:paramtypes", [subscriptions_service_1.SubscriptionsService])
], SubscriptionsController);
//# sourceMappingURL=subscriptions.controller.js.map