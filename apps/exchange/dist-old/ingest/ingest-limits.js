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
exports.IngestLimits = void 0;
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const lru_cache_1 = require("lru-cache");
const app_config_1 = require("../app.config");
const ingest_volumes_1 = require("./ingest-volumes");
/** Seconds of a system's rate that it may use at once. */
const burstSeconds = 2;
const dayMs = 86_400_000;
/** Longest rest at once of whoever is slowed, in ms: more may be left before that, as at midnight. */
const maxRestMs = 60_000;
/**
 * How much a system may publish: events per second in this process, bytes per day over all. Whoever has something left
 * may send a whole request and then owes the rest, so that a large batch is never refused for ever.
 */
let IngestLimits = class IngestLimits {
    volumes;
    clock;
    buckets = new lru_cache_1.LRUCache({ max: 10_000 });
    rate;
    bytesPerDay;
    policy;
    constructor(config, volumes, clock) {
        this.volumes = volumes;
        this.clock = clock;
        this.rate = config.INGEST_EVENTS_PER_SECOND;
        this.bytesPerDay = config.INGEST_BYTES_PER_DAY;
        const policies = [];
        if (this.rate > 0)
            policies.push(`"events";q=${this.rate * burstSeconds};w=${burstSeconds}`);
        if (this.bytesPerDay > 0)
            policies.push(`"bytes";q=${this.bytesPerDay};qu="content-bytes";w=${dayMs / 1000}`);
        this.policy = policies.join(', ');
    }
    /** Errors: `EdgeError` 429 `rate.exceeded` with `retry-after` when the system has nothing left. */
    admit(systemId) {
        this.admitVolume(systemId);
        const waitMs = this.debtMs(systemId);
        if (waitMs > 0)
            throw this.exceeded(systemId, 'the system publishes more events than its limit', waitMs);
    }
    /** Errors: `EdgeError` 429 `rate.exceeded` when nothing of the day's bytes is left. */
    admitVolume(systemId) {
        if (this.isUsedUp(systemId))
            throw this.exceeded(systemId, 'the system has published its bytes of the day', this.untilMidnightMs());
    }
    /** Counts what an admitted request brings. */
    charge(systemId, events, bytes) {
        if (this.rate > 0)
            this.bucketOf(systemId).tokens -= events;
        if (this.bytesPerDay > 0)
            this.volumes.add(systemId, bytes);
    }
    /** Counts what came and answers for how long, in ms, no more should be taken; for whoever is slowed, not refused. */
    pace(systemId, events, bytes) {
        this.charge(systemId, events, bytes);
        return Math.min(this.isUsedUp(systemId) ? Infinity : this.debtMs(systemId), maxRestMs);
    }
    /** What is left, for the answer; nothing when there is no limit. Source: draft-ietf-httpapi-ratelimit-headers-10. */
    headersOf(systemId) {
        if (this.policy === '')
            return {};
        const left = [];
        if (this.rate > 0) {
            const { tokens } = this.bucketOf(systemId);
            const fullInSeconds = Math.ceil((this.rate * burstSeconds - tokens) / this.rate);
            left.push(`"events";r=${Math.max(0, Math.floor(tokens))};t=${fullInSeconds}`);
        }
        if (this.bytesPerDay > 0) {
            const bytes = Math.max(0, this.bytesPerDay - this.volumes.today(systemId));
            left.push(`"bytes";r=${bytes};t=${Math.ceil(this.untilMidnightMs() / 1000)}`);
        }
        return { 'ratelimit-policy': this.policy, ratelimit: left.join(', ') };
    }
    isUsedUp(systemId) {
        return this.bytesPerDay > 0 && this.volumes.today(systemId) >= this.bytesPerDay;
    }
    exceeded(systemId, detail, waitMs) {
        const headers = { 'retry-after': String(Math.ceil(waitMs / 1000)), ...this.headersOf(systemId) };
        return new platform_1.EdgeError(429, 'rate.exceeded', detail, headers);
    }
    /** For how long, in ms, the system has no events left. */
    debtMs(systemId) {
        if (this.rate <= 0)
            return 0;
        const { tokens } = this.bucketOf(systemId);
        return tokens > 0 ? 0 : ((1 - tokens) / this.rate) * 1000;
    }
    bucketOf(systemId) {
        const now = performance.now();
        let bucket = this.buckets.get(systemId);
        if (!bucket) {
            bucket = { tokens: this.rate * burstSeconds, at: now };
            this.buckets.set(systemId, bucket);
        }
        bucket.tokens = Math.min(this.rate * burstSeconds, bucket.tokens + ((now - bucket.at) / 1000) * this.rate);
        bucket.at = now;
        return bucket;
    }
    untilMidnightMs() {
        return dayMs - (this.clock.now().getTime() % dayMs);
    }
};
exports.IngestLimits = IngestLimits;
exports.IngestLimits = IngestLimits = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [app_config_1.AppConfig, ingest_volumes_1.IngestVolumes, platform_1.Clock])
], IngestLimits);
//# sourceMappingURL=ingest-limits.js.map