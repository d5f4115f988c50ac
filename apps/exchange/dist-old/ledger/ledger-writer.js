"use strict";
var __createBinding = (this && this.__createBinding) || (Object.create ? (function(o, m, k, k2) {
    if (k2 === undefined) k2 = k;
    var desc = Object.getOwnPropertyDescriptor(m, k);
    if (!desc || ("get" in desc ? !m.__esModule : desc.writable || desc.configurable)) {
      desc = { enumerable: true, get: function() { return m[k]; } };
    }
    Object.defineProperty(o, k2, desc);
}) : (function(o, m, k, k2) {
    if (k2 === undefined) k2 = k;
    o[k2] = m[k];
}));
var __setModuleDefault = (this && this.__setModuleDefault) || (Object.create ? (function(o, v) {
    Object.defineProperty(o, "default", { enumerable: true, value: v });
}) : function(o, v) {
    o["default"] = v;
});
var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __importStar = (this && this.__importStar) || (function () {
    var ownKeys = function(o) {
        ownKeys = Object.getOwnPropertyNames || function (o) {
            var ar = [];
            for (var k in o) if (Object.prototype.hasOwnProperty.call(o, k)) ar[ar.length] = k;
            return ar;
        };
        return ownKeys(o);
    };
    return function (mod) {
        if (mod && mod.__esModule) return mod;
        var result = {};
        if (mod != null) for (var k = ownKeys(mod), i = 0; i < k.length; i++) if (k[i] !== "default") __createBinding(result, mod, k[i]);
        __setModuleDefault(result, mod);
        return result;
    };
})();
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
var __param = (this && this.__param) || function (paramIndex, decorator) {
    return function (target, key) { decorator(target, key, paramIndex); }
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.isBadData = exports.LedgerWriter = exports.LEDGER_GREW = void 0;
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const datasets_1 = require("../datasets/datasets");
const pointer_1 = require("../datasets/pointer");
const acceptance_1 = require("../ingest/acceptance");
const bus_message_1 = require("./bus-message");
const ledger_rules_1 = require("./ledger.rules");
const sql = __importStar(require("./ledger.sql"));
const ledger_origin_1 = require("./ledger-origin");
const ledger_periods_1 = require("./ledger-periods");
const ledger_periods_rules_1 = require("./ledger-periods.rules");
/** Channel on which every process hears that a dataset has new events. */
exports.LEDGER_GREW = 'ledger';
/** Writes batches of `bus.events` into the ledger, each in one transaction with its consumed offset. */
let LedgerWriter = class LedgerWriter {
    db;
    datasets;
    periods;
    principals;
    audit;
    clock;
    logger;
    origin;
    constructor(db, datasets, periods, principals, audit, clock, logger, origin) {
        this.db = db;
        this.datasets = datasets;
        this.periods = periods;
        this.principals = principals;
        this.audit = audit;
        this.clock = clock;
        this.logger = logger;
        this.origin = origin;
    }
    /** The next offset to read of a partition; undefined when none was read yet. */
    async nextOffset(topic, partition) {
        const rows = await this.db.query('SELECT next_offset FROM kafka_offsets WHERE topic = $1 AND partition = $2', [topic, partition]);
        return rows[0] && BigInt(rows[0].next_offset);
    }
    /** Writes `messages` of one partition, as `writeAll` does. */
    write(topic, partition, messages) {
        return this.writeAll(topic, [{ partition, messages }]);
    }
    /**
     * Writes parts of different partitions, each in its order. May run twice: what lies below the stored offset is skipped.
     * What PostgreSQL refuses as data is halved until the one message is found and parked, so that nothing behind waits.
     */
    async writeAll(topic, parts) {
        try {
            const current = await this.periods.current();
            await this.db.transaction((tx) => this.writeBatch(topic, parts, current, tx));
        }
        catch (error) {
            this.periods.forget();
            if (!(0, exports.isBadData)(error))
                throw error;
            const [part] = parts;
            const [only] = part?.messages ?? [];
            if (part && only && parts.length === 1 && part.messages.length === 1)
                return this.park(topic, part.partition, only, error);
            for (const half of halvesOf(parts))
                await this.writeAll(topic, half);
        }
    }
    /**
     * Stores one message that was parked, behind what is there by now; nothing happens if its event is known.
     *
     * Errors: `Unreadable` when it still is no event; those of PostgreSQL.
     */
    async writeParked(message, tx) {
        await this.append([(0, bus_message_1.readBusMessage)(message)], await this.periods.current(), tx);
    }
    async writeBatch(topic, parts, current, tx) {
        const partitions = parts.map(({ partition }) => partition);
        const offsets = await sql.lockOffsets(topic, partitions, this.origin, tx);
        const all = [];
        const moved = new Map();
        for (const { partition, messages } of parts) {
            const next = offsets.get(partition) ?? 0n;
            const fresh = messages.filter((message) => message.offset >= next);
            const last = fresh[fresh.length - 1];
            if (!last)
                continue;
            moved.set(partition, last.offset + 1n);
            const { events, unreadable } = readAll(fresh);
            await sql.parkUnreadable(topic, partition, unreadable, this.clock.now(), tx);
            if (unreadable.length > 0)
                this.logger.warn({ topic, partition, messages: unreadable.length }, 'messages parked');
            for (const event of events)
                all.push(event);
        }
        if (all.length > 0)
            await this.append(all, current, tx);
        await sql.moveOffsets(topic, moved, tx);
    }
    async append(events, current, tx) {
        const heads = await sql.lockHeads(events.map((event) => event.datasetId), tx);
        const { placed, conflicts, heads: moved } = (0, ledger_rules_1.place)(events, await sql.knownIds(events, tx), heads.positions);
        const keys = await Promise.all(placed.map((event) => this.keyOf(event)));
        const period = (0, ledger_periods_rules_1.periodOfBatch)(current, heads.periods.values());
        await sql.insertEvents(placed, keys, period, tx);
        await sql.beginPeriod(period, (0, ledger_rules_1.firstsOf)(placed, period, heads.periods), tx);
        const removed = await sql.removeLatest((0, ledger_rules_1.removalsOf)(placed, keys), tx);
        const records = await sql.upsertLatest(placed, keys, tx);
        const conflicting = await sql.insertConflicts(conflicts, tx);
        await sql.moveHeads(moved, records, conflicting, removed, tx);
        const entries = (0, ledger_rules_1.publicationsOf)(placed).map((publication) => this.entryOf(publication));
        if (entries.length > 0)
            await this.audit.recordAll(entries, tx);
        await platform_1.Changes.notifyAll(exports.LEDGER_GREW, [...new Set(placed.map((event) => event.datasetId))], tx);
    }
    async keyOf(event) {
        const dataset = await this.datasets.find(event.datasetId);
        const key = dataset && (0, pointer_1.keyAt)(event.data, dataset.copy.keyPointer);
        return key !== undefined && !key.includes('\u0000') && Buffer.byteLength(key) <= acceptance_1.maxKeyBytes ? key : null;
    }
    entryOf(publication) {
        const { datasetId, publisher, first, last, records, digest } = publication;
        const about = { outcome: 'done', datasetId, positions: { first, last }, records, digest };
        // What was published is in the log already: a rebuild is an act of its own.
        if (this.origin.isRebuild)
            return { ...about, action: 'administer', operation: 'ledger:rebuild', actor: (0, platform_1.serviceActor)('exchange') };
        const principal = this.principals.get(publisher);
        return {
            ...about,
            action: 'publish',
            operation: 'events:publish',
            actor: { id: publisher.slice(0, 100), kind: principal?.kind ?? 'system', department: principal?.departmentCode },
        };
    }
    async park(topic, partition, message, cause) {
        const reason = `refused by the database: ${sqlState(cause) ?? 'unknown'}`;
        await this.db.transaction(async (tx) => {
            const offsets = await sql.lockOffsets(topic, [partition], this.origin, tx);
            if (message.offset < (offsets.get(partition) ?? 0n))
                return;
            await sql.parkUnreadable(topic, partition, [{ ...message, reason }], this.clock.now(), tx);
            await sql.moveOffsets(topic, new Map([[partition, message.offset + 1n]]), tx);
        });
        this.logger.warn({ topic, partition, offset: message.offset.toString(), reason }, 'message parked');
    }
};
exports.LedgerWriter = LedgerWriter;
exports.LedgerWriter = LedgerWriter = __decorate([
    (0, common_1.Injectable)(),
    __param(6, (0, common_1.Inject)(platform_1.LOGGER)),
    __metadata("design:paramtypes", [typeorm_1.DataSource, datasets_1.Datasets, ledger_periods_1.LedgerPeriods, platform_1.Principals, platform_1.Audit, platform_1.Clock, Object, ledger_origin_1.LedgerOrigin])
], LedgerWriter);
function readAll(messages) {
    const events = [];
    const unreadable = [];
    for (const message of messages) {
        try {
            events.push((0, bus_message_1.readBusMessage)(message));
        }
        catch (error) {
            if (!(error instanceof bus_message_1.Unreadable))
                throw error;
            unreadable.push({ ...message, reason: error.message });
        }
    }
    return { events, unreadable };
}
// Two halves: of the parts, or of the one part's messages.
function halvesOf(parts) {
    const [part] = parts;
    if (part && parts.length === 1) {
        const { partition, messages } = part;
        const middle = Math.ceil(messages.length / 2);
        return [messages.slice(0, middle), messages.slice(middle)].map((half) => [{ partition, messages: half }]);
    }
    const middle = Math.ceil(parts.length / 2);
    return [parts.slice(0, middle), parts.slice(middle)];
}
const sqlState = (error) => error?.code;
// Data exceptions, and rows or index entries that are too large. A duplicate id (23505) is a race and heals by itself.
const isBadData = (error) => /^(22|54)/.test(sqlState(error) ?? '');
exports.isBadData = isBadData;
//# sourceMappingURL=ledger-writer.js.map