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
exports.DeliveryMetrics = void 0;
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const sse_streams_1 = require("../delivery/sse-streams");
const waiters_1 = require("../delivery/waiters");
const delivery_metrics_sql_1 = require("./delivery-metrics.sql");
/** Seconds after which nothing is disclosed any more; see `RegistryWatch`. */
const staleSeconds = 1;
/** What there is to know of deliveries when somebody asks. All but the open requests is the same in every process. */
let DeliveryMetrics = class DeliveryMetrics {
    metrics;
    readiness;
    db;
    waiters;
    streams;
    constructor(metrics, readiness, db, waiters, streams) {
        this.metrics = metrics;
        this.readiness = readiness;
        this.db = db;
        this.waiters = waiters;
        this.streams = streams;
    }
    onModuleInit() {
        this.tellLags();
        this.tellSubscriptions();
        this.tellRegistry();
        this.tellOpen();
        // Ready all the same: requests get a problem that says when to come again, which a proxy could not tell them.
        this.readiness.add('registry', async () => {
            const ages = await (0, delivery_metrics_sql_1.registryAges)(this.db);
            return new platform_1.Detail({ isFresh: ages.length > 0 && ages.every(({ seconds }) => seconds < staleSeconds) });
        });
    }
    tellLags() {
        const help = 'Events of the dataset behind the cursor, of the 200 active subscriptions that are furthest behind.';
        const lag = this.metrics.gauge('govbus_delivery_lag_events', help, ['subscription', 'mode']);
        this.metrics.collect([lag], async () => {
            for (const { subscriptionId, mode, behind } of await (0, delivery_metrics_sql_1.lagsOf)(200, this.db))
                lag.of(subscriptionId, mode).set(behind);
        });
    }
    tellSubscriptions() {
        const subscriptions = this.metrics.gauge('govbus_subscriptions', 'Subscriptions.', ['mode', 'status']);
        const letters = this.metrics.gauge('govbus_dead_letters', 'Pages and events put aside and not delivered since.');
        this.metrics.collect([subscriptions, letters], async () => {
            for (const { mode, status, count } of await (0, delivery_metrics_sql_1.subscriptionsBy)(this.db))
                subscriptions.of(mode, status).set(count);
            letters.of().set(await (0, delivery_metrics_sql_1.deadLettersOf)(this.db));
        });
    }
    tellRegistry() {
        const help = 'How long ago the copy of a registry was known to be whole; over 1, nothing is disclosed.';
        const age = this.metrics.gauge('govbus_registry_age_seconds', help, ['topic']);
        this.metrics.collect([age], async () => {
            for (const { topic, seconds } of await (0, delivery_metrics_sql_1.registryAges)(this.db))
                age.of(topic).set(seconds);
        });
    }
    tellOpen() {
        const open = this.metrics.gauge('govbus_open_requests', 'Requests of this process that wait or stream.', ['kind']);
        this.metrics.collect([open], () => {
            const streams = this.streams.size;
            open.of('stream').set(streams);
            // A stream waits like a pull does.
            open.of('pull').set(Math.max(0, this.waiters.size - streams));
        });
    }
};
exports.DeliveryMetrics = DeliveryMetrics;
exports.DeliveryMetrics = DeliveryMetrics = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [platform_1.Metrics, platform_1.Readiness, typeorm_1.DataSource, waiters_1.Waiters, sse_streams_1.SseStreams])
], DeliveryMetrics);
//# sourceMappingURL=delivery-metrics.js.map