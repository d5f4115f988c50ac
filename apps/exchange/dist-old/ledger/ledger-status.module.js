"use strict";
var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.LedgerStatusModule = void 0;
const common_1 = require("@nestjs/common");
const datasets_module_1 = require("../datasets/datasets.module");
const keys_1 = require("../delivery/keys");
const lenses_1 = require("../delivery/lenses");
const ingest_module_1 = require("../ingest/ingest.module");
const event_deliveries_1 = require("./event-deliveries");
const ledger_controller_1 = require("./ledger.controller");
const ledger_service_1 = require("./ledger.service");
/** What publishers ask the ledger: answered where they publish, by the role `ingest`. */
let LedgerStatusModule = class LedgerStatusModule {
};
exports.LedgerStatusModule = LedgerStatusModule;
exports.LedgerStatusModule = LedgerStatusModule = __decorate([
    (0, common_1.Module)({
        imports: [datasets_module_1.DatasetsModule, ingest_module_1.IngestModule],
        controllers: [ledger_controller_1.LedgerController],
        // Keys and lenses hold nothing but what they compile: a second of each is no harm.
        providers: [event_deliveries_1.DeliveriesOfEvents, keys_1.Keys, lenses_1.Lenses, ledger_service_1.LedgerService],
    })
], LedgerStatusModule);
//# sourceMappingURL=ledger-status.module.js.map