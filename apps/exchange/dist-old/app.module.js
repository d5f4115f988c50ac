"use strict";
var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var AppModule_1;
Object.defineProperty(exports, "__esModule", { value: true });
exports.AppModule = void 0;
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const agreements_module_1 = require("./agreements/agreements.module");
const app_config_1 = require("./app.config");
const data_source_1 = require("./data-source");
const datasets_module_1 = require("./datasets/datasets.module");
const delivery_module_1 = require("./delivery/delivery.module");
const enforcement_module_1 = require("./enforcement/enforcement.module");
const exports_module_1 = require("./exports/exports.module");
const ingest_module_1 = require("./ingest/ingest.module");
const ledger_module_1 = require("./ledger/ledger.module");
const ledger_status_module_1 = require("./ledger/ledger-status.module");
const operations_module_1 = require("./operations/operations.module");
const policy_module_1 = require("./policy/policy.module");
const queries_module_1 = require("./queries/queries.module");
const subscriptions_module_1 = require("./subscriptions/subscriptions.module");
/** What belongs to every process: the copies that decisions are made from, and their consumers. */
const common = [policy_module_1.PolicyModule, operations_module_1.OperationsModule, enforcement_module_1.EnforcementModule, datasets_module_1.DatasetsModule, agreements_module_1.AgreementsModule];
const modulesOf = {
    ingest: [ingest_module_1.IngestModule, ledger_status_module_1.LedgerStatusModule],
    ledger: [ledger_module_1.LedgerModule],
    delivery: [delivery_module_1.DeliveryModule, queries_module_1.QueriesModule, exports_module_1.ExportsModule, subscriptions_module_1.SubscriptionsModule],
};
let AppModule = AppModule_1 = class AppModule {
    /** Routes and workers of the roles of this process; the others are not there. */
    static forSettings({ roles }) {
        const platform = { service: 'exchange', config: app_config_1.AppConfig, entities: data_source_1.entities, migrations: data_source_1.migrations, registry: true };
        return {
            module: AppModule_1,
            imports: [platform_1.PlatformModule.register(platform), ...common, ...roles.flatMap((role) => modulesOf[role])],
        };
    }
};
exports.AppModule = AppModule;
exports.AppModule = AppModule = AppModule_1 = __decorate([
    (0, common_1.Module)({})
], AppModule);
//# sourceMappingURL=app.module.js.map