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
exports.ShareSender = void 0;
const messaging_1 = require("@govbus/messaging");
const common_1 = require("@nestjs/common");
const app_config_1 = require("../app.config");
const share_rules_1 = require("./share.rules");
// Nothing is tried again within a send: a repetition would begin after a revocation that came meanwhile (P5).
const patience = { requestTimeoutMs: 5_000, retries: 0 };
/**
 * Sends committed pages to the topics of their subscriptions.
 *
 * A send fails for all that go together in it: subscriptions whose last attempt failed go through a producer of their
 * own until one succeeds, so that a topic that is broken or gone delays nobody else (P6).
 */
let ShareSender = class ShareSender {
    healthy;
    doubtful;
    constructor({ brokers }) {
        const options = { brokers, ...patience, maxBatch: 20_000, maxQueued: 100_000, maxQueuedBytes: 128 * 1024 * 1024 };
        this.healthy = new messaging_1.Producer({ ...options, clientId: 'exchange-share' });
        this.doubtful = new messaging_1.Producer({ ...options, clientId: 'exchange-share-again' });
    }
    async onApplicationShutdown() {
        await Promise.all([this.healthy.disconnect(), this.doubtful.disconnect()]);
    }
    /**
     * Resolves when Kafka has acknowledged the page.
     *
     * Errors: `Unavailable` `bus.withdrawn` when `stop` came first, `bus.unavailable`, `bus.busy`.
     */
    async send({ subscriptionId, failures }, page, stop) {
        const messages = (0, share_rules_1.messagesOf)(subscriptionId, page.events, page.messageKeys);
        await (failures > 0 ? this.doubtful : this.healthy).sendAll(messages, stop);
    }
};
exports.ShareSender = ShareSender;
exports.ShareSender = ShareSender = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [app_config_1.AppConfig])
], ShareSender);
//# sourceMappingURL=share-sender.js.map