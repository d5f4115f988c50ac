"use strict";
var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.IngestModule = void 0;
const common_1 = require("@nestjs/common");
const datasets_module_1 = require("../datasets/datasets.module");
const acceptance_1 = require("./acceptance");
const event_stream_1 = require("./event-stream");
const inbox_intake_1 = require("./inbox-intake");
const inbox_worker_1 = require("./inbox.worker");
const ingest_limits_1 = require("./ingest-limits");
const ingest_volumes_1 = require("./ingest-volumes");
const ingest_route_1 = require("./ingest.route");
const publication_1 = require("./publication");
const publish_decisions_1 = require("./publish-decisions");
const recent_acceptances_1 = require("./recent-acceptances");
const refusals_1 = require("./refusals");
const repeated_requests_1 = require("./repeated-requests");
let IngestModule = class IngestModule {
};
exports.IngestModule = IngestModule;
exports.IngestModule = IngestModule = __decorate([
    (0, common_1.Module)({
        imports: [datasets_module_1.DatasetsModule],
        providers: [
            acceptance_1.Acceptance,
            event_stream_1.EventStream,
            inbox_intake_1.InboxIntake,
            inbox_worker_1.InboxWorker,
            ingest_limits_1.IngestLimits,
            ingest_route_1.IngestRoute,
            ingest_volumes_1.IngestVolumes,
            publication_1.Publication,
            recent_acceptances_1.RecentAcceptances,
            repeated_requests_1.RepeatedRequests,
            publish_decisions_1.PublishDecisions,
            refusals_1.Refusals,
        ],
        exports: [publish_decisions_1.PublishDecisions, recent_acceptances_1.RecentAcceptances],
    })
], IngestModule);
//# sourceMappingURL=ingest.module.js.map