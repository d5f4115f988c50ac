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
exports.LedgerMetrics = void 0;
const messaging_1 = require("@govbus/messaging");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const boundsSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const maxCounted = 100_000;
/** What the ledger's reader tells of itself. */
let LedgerMetrics = class LedgerMetrics {
    metrics;
    readiness;
    db;
    messages;
    seconds;
    reader;
    constructor(metrics, readiness, db) {
        this.metrics = metrics;
        this.readiness = readiness;
        this.db = db;
        this.messages = metrics.counter('govbus_ledger_messages_total', 'Messages written to the ledger.').of();
        const help = 'How long a batch took to be written.';
        this.seconds = metrics.histogram('govbus_ledger_batch_seconds', help, boundsSeconds).of();
        this.tellLag();
        this.tellUnreadable();
    }
    /** From now on this is the reader. The process is ready when it belongs to the group. */
    follow(reader) {
        this.reader = reader;
        this.readiness.add('ledger', () => {
            if (this.reader?.isMember)
                return Promise.resolve();
            return Promise.reject(new Error('the reader has not joined its group'));
        });
    }
    /** Writes one batch, measured. */
    async batch(parts, write) {
        const began = performance.now();
        const messages = parts.reduce((sum, part) => sum + part.messages.length, 0);
        await (0, messaging_1.inSpan)('ledger batch', { partitions: parts.length, messages }, write);
        this.seconds.observe((performance.now() - began) / 1_000);
        this.messages.add(messages);
    }
    tellLag() {
        const help = 'Messages of bus.events not in the ledger yet, of the partitions that this process reads.';
        const lag = this.metrics.gauge('govbus_ledger_lag_messages', help, ['partition']);
        this.metrics.collect([lag], async () => {
            for (const [partition, behind] of (await this.reader?.lag()) ?? [])
                lag.of(String(partition)).set(behind);
        });
    }
    tellUnreadable() {
        const unreadable = this.metrics.gauge('govbus_unreadable_messages', 'Messages that the ledger could not take.');
        this.metrics.collect([unreadable], async () => {
            const [row] = await this.db.query(`SELECT count(*) AS rows FROM (SELECT 1 FROM unreadable_messages LIMIT ${maxCounted}) counted`);
            unreadable.of().set(Number(row?.rows));
        });
    }
};
exports.LedgerMetrics = LedgerMetrics;
exports.LedgerMetrics = LedgerMetrics = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [platform_1.Metrics, platform_1.Readiness, typeorm_1.DataSource])
], LedgerMetrics);
//# sourceMappingURL=ledger-metrics.js.map