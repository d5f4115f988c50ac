"use strict";
var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.LedgerRebuildModule = void 0;
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const agreements_module_1 = require("../agreements/agreements.module");
const app_config_1 = require("../app.config");
const data_source_1 = require("../data-source");
const datasets_module_1 = require("../datasets/datasets.module");
const ledger_origin_1 = require("../ledger/ledger-origin");
const ledger_periods_1 = require("../ledger/ledger-periods");
const ledger_writer_1 = require("../ledger/ledger-writer");
const ledger_rebuild_1 = require("./ledger-rebuild");
/** The exchange as far as a rebuild of the ledger needs it: nothing listens, nothing is delivered. */
let LedgerRebuildModule = class LedgerRebuildModule {
};
exports.LedgerRebuildModule = LedgerRebuildModule;
exports.LedgerRebuildModule = LedgerRebuildModule = __decorate([
    (0, common_1.Module)({
        imports: [
            platform_1.PlatformModule.register({ service: 'exchange', config: app_config_1.AppConfig, entities: data_source_1.entities, migrations: data_source_1.migrations, registry: true }),
            datasets_module_1.DatasetsModule,
            agreements_module_1.AgreementsModule,
        ],
        providers: [{ provide: ledger_origin_1.LedgerOrigin, useClass: ledger_origin_1.RebuildOrigin }, ledger_periods_1.LedgerPeriods, ledger_writer_1.LedgerWriter, ledger_rebuild_1.LedgerRebuild],
    })
], LedgerRebuildModule);
//# sourceMappingURL=ledger-rebuild.module.js.map