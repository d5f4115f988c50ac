"use strict";
var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.LedgerModule = void 0;
const common_1 = require("@nestjs/common");
const datasets_module_1 = require("../datasets/datasets.module");
const retention_1 = require("../retention/retention");
const retention_worker_1 = require("../retention/retention.worker");
const ledger_origin_1 = require("./ledger-origin");
const ledger_periods_1 = require("./ledger-periods");
const ledger_worker_1 = require("./ledger.worker");
const ledger_writer_1 = require("./ledger-writer");
const unreadable_messages_1 = require("./unreadable-messages");
const unreadable_messages_controller_1 = require("./unreadable-messages.controller");
let LedgerModule = class LedgerModule {
};
exports.LedgerModule = LedgerModule;
exports.LedgerModule = LedgerModule = __decorate([
    (0, common_1.Module)({
        imports: [datasets_module_1.DatasetsModule],
        controllers: [unreadable_messages_controller_1.UnreadableMessagesController],
        providers: [ledger_origin_1.LedgerOrigin, ledger_periods_1.LedgerPeriods, ledger_writer_1.LedgerWriter, ledger_worker_1.LedgerWorker, unreadable_messages_1.UnreadableMessages, retention_1.Retention, retention_worker_1.RetentionWorker],
        exports: [ledger_periods_1.LedgerPeriods, ledger_writer_1.LedgerWriter],
    })
], LedgerModule);
//# sourceMappingURL=ledger.module.js.map