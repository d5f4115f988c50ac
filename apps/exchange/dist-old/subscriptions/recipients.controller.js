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
exports.RecipientsController = void 0;
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const swagger_1 = require("@nestjs/swagger");
const recipients_dto_1 = require("./recipients.dto");
const recipients_service_1 = require("./recipients.service");
const start_rules_1 = require("./start.rules");
let RecipientsController = class RecipientsController {
    recipients;
    constructor(recipients) {
        this.recipients = recipients;
    }
    async list(datasetId, query, caller) {
        const rows = await this.recipients.list(datasetId, query, caller);
        const cursorOf = ({ subscription }) => [subscription.createdAt.toISOString(), subscription.subscriptionId];
        return (0, platform_1.pageOf)(rows, query.limit, cursorOf, recipientOf);
    }
};
exports.RecipientsController = RecipientsController;
__decorate([
    (0, common_1.Get)(':datasetId/recipients'),
    (0, platform_1.Scopes)('events:publish', 'catalog:read', 'admin'),
    (0, swagger_1.ApiOperation)({ operationId: 'listRecipients', summary: 'Who receives a dataset, and how far each is' }),
    (0, swagger_1.ApiOkResponse)({ type: recipients_dto_1.RecipientPage }),
    __param(0, (0, common_1.Param)('datasetId')),
    __param(1, (0, common_1.Query)()),
    __param(2, (0, platform_1.CurrentCaller)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [String, platform_1.PageQuery, Object]),
    __metadata("design:returntype", Promise)
], RecipientsController.prototype, "list", null);
exports.RecipientsController = RecipientsController = __decorate([
    (0, common_1.Controller)('v1/datasets'),
    __metadata("design:paramtypes", [recipients_service_1.RecipientsService])
], RecipientsController);
function recipientOf({ subscription, head, conditions }) {
    const { subscriptionId, agreementId, consumerDepartment, purpose, mode, status } = subscription;
    const ackedPosition = (0, start_rules_1.donePosition)(subscription);
    return {
        subscriptionId,
        agreementId,
        consumerDepartment,
        purpose,
        mode,
        status,
        stopReason: subscription.stopReason ?? undefined,
        ackedPosition,
        lag: Math.max(0, head - ackedPosition),
        delivered: subscription.delivered,
        lastDeliveredAt: subscription.lastDeliveredAt?.toISOString(),
        deadLetters: subscription.deadLetters,
        isOut: conditions.outage !== null,
    };
}
//# sourceMappingURL=recipients.controller.js.map