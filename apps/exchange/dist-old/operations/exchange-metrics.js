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
exports.ExchangeMetrics = void 0;
const messaging_1 = require("@govbus/messaging");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
/** What ingest and delivery count as they go: an addition each. */
let ExchangeMetrics = class ExchangeMetrics {
    /** Events acknowledged by Kafka. */
    accepted;
    refusals;
    accesses;
    attempts;
    constructor(metrics) {
        const accepted = metrics.counter('govbus_events_accepted_total', 'Events acknowledged by Kafka.', ['form']);
        const of = (form) => accepted.of(form);
        this.accepted = { single: of('single'), batch: of('batch'), stream: of('stream'), inbox: of('inbox') };
        this.refusals = metrics.counter('govbus_events_refused_total', 'Events refused, by the code of the problem.', [
            'code',
        ]);
        const help = 'Pages disclosed, or why not.';
        this.accesses = metrics.counter('govbus_disclosures_total', help, ['mode', 'outcome']);
        this.attempts = metrics.counter('govbus_delivery_attempts_total', 'Pages sent to receivers.', ['mode', 'outcome']);
    }
    /** Events that were refused alike. */
    refused(code, events) {
        this.refusals.of(code).add(events);
    }
    /** One access, from decision to commit: counted as `disclosed`, `empty`, or with the code of the problem. */
    async access({ mode, operation }, disclose) {
        try {
            const page = await (0, messaging_1.inSpan)(`${mode} page`, { operation }, async (note) => {
                const found = await disclose();
                note({ records: found.events.length });
                return found;
            });
            this.accesses.of(mode, page.events.length > 0 ? 'disclosed' : 'empty').add();
            return page;
        }
        catch (error) {
            this.accesses.of(mode, (0, platform_1.problemOf)(error).body.code).add();
            throw error;
        }
    }
    /** One page sent to a receiver, or to its topic. */
    attempted(mode, outcome) {
        this.attempts.of(mode, outcome).add();
    }
};
exports.ExchangeMetrics = ExchangeMetrics;
exports.ExchangeMetrics = ExchangeMetrics = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [platform_1.Metrics])
], ExchangeMetrics);
//# sourceMappingURL=exchange-metrics.js.map