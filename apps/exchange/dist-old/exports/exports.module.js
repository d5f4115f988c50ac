"use strict";
var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.ExportsModule = void 0;
const common_1 = require("@nestjs/common");
const delivery_module_1 = require("../delivery/delivery.module");
const export_files_1 = require("./export-files");
const export_worker_1 = require("./export.worker");
const export_writer_1 = require("./export-writer");
const exports_controller_1 = require("./exports.controller");
const exports_service_1 = require("./exports.service");
let ExportsModule = class ExportsModule {
};
exports.ExportsModule = ExportsModule;
exports.ExportsModule = ExportsModule = __decorate([
    (0, common_1.Module)({
        imports: [delivery_module_1.DeliveryModule],
        controllers: [exports_controller_1.ExportsController],
        providers: [export_files_1.ExportFiles, exports_service_1.ExportsService, export_worker_1.ExportWorker, export_writer_1.ExportWriter],
    })
], ExportsModule);
//# sourceMappingURL=exports.module.js.map