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
exports.IngestVolumes = void 0;
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const flushEveryMs = 1_000;
const keptDays = 7;
/**
 * Bytes that each system has published today (UTC), over all processes: counted here, added up in PostgreSQL each second.
 * Approximate: a process learns of the others a second late, and after `kill -9` a second is missing.
 */
let IngestVolumes = class IngestVolumes {
    db;
    clock;
    logger;
    volumes = new Map();
    timer;
    writing;
    constructor(db, clock, logger) {
        this.db = db;
        this.clock = clock;
        this.logger = logger;
    }
    /** Counts `bytes` of a system. */
    add(systemId, bytes) {
        this.volumeOf(systemId).unwritten += bytes;
        this.timer ??= setInterval(() => void this.write(), flushEveryMs).unref();
    }
    /** Bytes of a system today, as far as this process knows. */
    today(systemId) {
        const { total, unwritten } = this.volumeOf(systemId);
        return total + unwritten;
    }
    async beforeApplicationShutdown() {
        clearInterval(this.timer);
        await this.writing;
        await this.write();
    }
    volumeOf(systemId) {
        const day = this.clock.now().toISOString().slice(0, 10);
        let volume = this.volumes.get(systemId);
        if (volume?.day !== day) {
            volume = { day, total: 0, unwritten: 0 };
            this.volumes.set(systemId, volume);
        }
        return volume;
    }
    write() {
        this.writing ??= this.writeAll()
            .catch((err) => this.logger.warn({ err }, 'volumes not written'))
            .finally(() => (this.writing = undefined));
        return this.writing;
    }
    async writeAll() {
        // Sorted: two processes that write the same rows must not wait for each other.
        const open = [...this.volumes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, volume]) => ({ id, volume }));
        if (open.length === 0)
            return;
        const written = open.map(({ volume }) => volume.unwritten);
        const rows = await this.db.query(`INSERT INTO ingest_volumes AS kept (day, system, bytes)
       SELECT * FROM unnest($1::date[], $2::text[], $3::bigint[])
       ON CONFLICT (day, system) DO UPDATE SET bytes = kept.bytes + excluded.bytes RETURNING system, bytes`, [open.map(({ volume }) => volume.day), open.map(({ id }) => id), written]);
        const totals = new Map(rows.map(({ system, bytes }) => [system, Number(bytes)]));
        open.forEach(({ id, volume }, i) => {
            volume.total = totals.get(id) ?? volume.total;
            volume.unwritten -= written[i] ?? 0;
        });
        await this.db.query('DELETE FROM ingest_volumes WHERE day < $1::date - $2::integer', [this.clock.now(), keptDays]);
    }
};
exports.IngestVolumes = IngestVolumes;
exports.IngestVolumes = IngestVolumes = __decorate([
    (0, common_1.Injectable)(),
    __param(2, (0, common_1.Inject)(platform_1.LOGGER)),
    __metadata("design:paramtypes", [typeorm_1.DataSource, platform_1.Clock, Object])
], IngestVolumes);
//# sourceMappingURL=ingest-volumes.js.map