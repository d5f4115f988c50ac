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
var __param = (this && this.__param) || function (paramIndex, decorator) {
    return function (target, key) { decorator(target, key, paramIndex); }
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.RegistryWatch = void 0;
const contracts_1 = require("@govbus/contracts");
const messaging_1 = require("@govbus/messaging");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const registries = ['catalog.registry', 'departments.registry'];
/** Milliseconds after which what this exchange knows of agreements and departments is too old to disclose on (P5). */
const maxAgeMs = 1_000;
/**
 * Keeps in the database since when the copies of the registries are known to be whole, for all processes of the
 * exchange: a reader of Kafka that has died, or Kafka itself being away, must not let a revoked agreement go on.
 */
let RegistryWatch = class RegistryWatch {
    db;
    server;
    logger;
    writing = false;
    constructor(db, server, logger) {
        this.db = db;
        this.server = server;
        this.logger = logger;
    }
    onModuleInit() {
        this.server.onCaughtUp((topics, at) => {
            if (!this.writing)
                void this.note(topics, at);
        });
    }
    /**
     * Errors: `Unavailable` `registry.stale` when the newest decisions may not have arrived here.
     *
     * Shape: the database's clock alone is asked, at both ends.
     */
    async requireFresh(tx) {
        const [row] = await tx.query(`SELECT count(*) AS fresh FROM registry_watch
        WHERE topic = ANY($1) AND caught_up_at > clock_timestamp() - $2 * interval '1 ms'`, [registries, maxAgeMs]);
        if (Number(row?.fresh) === registries.length)
            return;
        throw new contracts_1.Unavailable('registry.stale', 'the newest decisions of the catalog may not have arrived here', {
            retryAfterSeconds: 1,
        });
    }
    async note(topics, at) {
        this.writing = true;
        try {
            await this.db.query(`INSERT INTO registry_watch (topic, caught_up_at)
         SELECT topic, clock_timestamp() - $2 * interval '1 ms' FROM unnest($1::text[]) AS topic ORDER BY topic
         ON CONFLICT (topic) DO UPDATE SET caught_up_at = greatest(excluded.caught_up_at, registry_watch.caught_up_at)`, [topics, performance.now() - at]);
        }
        catch (err) {
            this.logger.warn({ err }, 'registry watch not written');
        }
        finally {
            this.writing = false;
        }
    }
};
exports.RegistryWatch = RegistryWatch;
exports.RegistryWatch = RegistryWatch = __decorate([
    (0, common_1.Injectable)(),
    __param(2, (0, common_1.Inject)(platform_1.LOGGER)),
    __metadata("design:paramtypes", [typeorm_1.DataSource, messaging_1.KafkaBatchServer, Object])
], RegistryWatch);
//# sourceMappingURL=registry-watch.js.map