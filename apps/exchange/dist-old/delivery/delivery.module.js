"use strict";
var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.DeliveryModule = void 0;
const common_1 = require("@nestjs/common");
const agreements_module_1 = require("../agreements/agreements.module");
const delivery_metrics_1 = require("../operations/delivery-metrics");
const dead_letters_controller_1 = require("./dead-letters.controller");
const dead_letters_service_1 = require("./dead-letters.service");
const disclosure_1 = require("./disclosure");
const keys_1 = require("./keys");
const ledger_blocks_1 = require("./ledger-blocks");
const lenses_1 = require("./lenses");
const pull_controller_1 = require("./pull.controller");
const pull_service_1 = require("./pull.service");
const receive_decisions_1 = require("./receive-decisions");
const share_worker_1 = require("./share.worker");
const share_delivery_1 = require("./share-delivery");
const share_sender_1 = require("./share-sender");
const share_topics_1 = require("./share-topics");
const sse_controller_1 = require("./sse.controller");
const sse_streams_1 = require("./sse-streams");
const waiters_1 = require("./waiters");
const webhook_delivery_1 = require("./webhook-delivery");
const webhook_keyed_1 = require("./webhook-keyed");
const webhook_pages_1 = require("./webhook-pages");
const webhook_sender_1 = require("./webhook-sender");
const webhook_worker_1 = require("./webhook.worker");
let DeliveryModule = class DeliveryModule {
};
exports.DeliveryModule = DeliveryModule;
exports.DeliveryModule = DeliveryModule = __decorate([
    (0, common_1.Module)({
        imports: [agreements_module_1.AgreementsModule],
        controllers: [dead_letters_controller_1.DeadLettersController, pull_controller_1.PullController, sse_controller_1.SseController],
        providers: [
            dead_letters_service_1.DeadLettersService,
            delivery_metrics_1.DeliveryMetrics,
            disclosure_1.Disclosures,
            keys_1.Keys,
            ledger_blocks_1.LedgerBlocks,
            lenses_1.Lenses,
            pull_service_1.PullService,
            receive_decisions_1.ReceiveDecisions,
            share_delivery_1.ShareDelivery,
            share_sender_1.ShareSender,
            share_topics_1.ShareTopics,
            share_worker_1.ShareWorker,
            sse_streams_1.SseStreams,
            waiters_1.Waiters,
            webhook_delivery_1.WebhookDelivery,
            webhook_keyed_1.WebhookKeyed,
            webhook_pages_1.WebhookPages,
            webhook_sender_1.WebhookSender,
            webhook_worker_1.WebhookWorker,
        ],
        exports: [disclosure_1.Disclosures, keys_1.Keys, receive_decisions_1.ReceiveDecisions],
    })
], DeliveryModule);
//# sourceMappingURL=delivery.module.js.map