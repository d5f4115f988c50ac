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
exports.AgreementConsumer = exports.AGREEMENTS_CHANGED = void 0;
const contracts_1 = require("@govbus/contracts");
const messaging_1 = require("@govbus/messaging");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const microservices_1 = require("@nestjs/microservices");
const subscription_stops_1 = require("../subscriptions/subscription-stops");
const agreement_entity_1 = require("./agreement.entity");
const agreement_lock_1 = require("./agreement-lock");
/** Channel on which every process of the exchange hears that an agreement changed. */
exports.AGREEMENTS_CHANGED = 'agreements';
let AgreementConsumer = class AgreementConsumer {
    inbox;
    stops;
    constructor(inbox, stops) {
        this.inbox = inbox;
        this.stops = stops;
    }
    apply(message) {
        return this.inbox.process(contracts_1.AgreementRecord, message, async ({ data }, tx) => {
            await (0, agreement_lock_1.closeAgreement)(data.agreementId, tx);
            if (!(await (0, platform_1.keepNewest)(agreement_entity_1.AgreementCopy, copyOf(data), tx)))
                return;
            if (data.status === 'in-force')
                await this.stops.resumeUnder(data.agreementId, tx);
            else
                await this.stops.stopUnder(data.agreementId, data.status, tx);
            await platform_1.Changes.notify(exports.AGREEMENTS_CHANGED, data.agreementId, tx);
        });
    }
};
exports.AgreementConsumer = AgreementConsumer;
__decorate([
    (0, messaging_1.Handles)(contracts_1.AgreementRecord),
    __param(0, (0, microservices_1.Payload)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [Object]),
    __metadata("design:returntype", Promise)
], AgreementConsumer.prototype, "apply", null);
exports.AgreementConsumer = AgreementConsumer = __decorate([
    (0, common_1.Controller)(),
    __metadata("design:paramtypes", [messaging_1.Inbox, subscription_stops_1.SubscriptionStops])
], AgreementConsumer);
const copyOf = (record) => {
    const { agreementId, datasetId, providerDepartment, consumerDepartment, status, terms, version } = record;
    const about = { agreementId, datasetId, providerDepartment, consumerDepartment };
    return { ...about, status, terms, heldFor: null, version };
};
//# sourceMappingURL=agreement.consumer.js.map