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
exports.WebhookWorker = void 0;
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const lease_loop_1 = require("./lease-loop");
const webhook_delivery_1 = require("./webhook-delivery");
const maxAtOnce = 200;
/** Leases webhook subscriptions and delivers each. */
let WebhookWorker = class WebhookWorker {
    changes;
    loop;
    constructor(db, changes, delivery, clock, logger) {
        this.changes = changes;
        const run = delivery.run.bind(delivery);
        this.loop = new lease_loop_1.LeaseLoop(db, clock, logger, { mode: 'webhook', maxAtOnce, run });
    }
    onApplicationBootstrap() {
        return this.loop.start(this.changes);
    }
    beforeApplicationShutdown() {
        return this.loop.stop();
    }
    /** One delivery that was asked for, cut off when the agreement changes; see `LeaseLoop.cutOff`. */
    cutOff(agreementId, run) {
        return this.loop.cutOff(agreementId, run);
    }
};
exports.WebhookWorker = WebhookWorker;
exports.WebhookWorker = WebhookWorker = __decorate([
    (0, common_1.Injectable)(),
    __param(4, (0, common_1.Inject)(platform_1.LOGGER)),
    __metadata("design:paramtypes", [typeorm_1.DataSource, platform_1.Changes, webhook_delivery_1.WebhookDelivery, platform_1.Clock, Object])
], WebhookWorker);
//# sourceMappingURL=webhook.worker.js.map