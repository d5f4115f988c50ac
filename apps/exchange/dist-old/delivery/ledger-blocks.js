"use strict";
var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.LedgerBlocks = void 0;
const common_1 = require("@nestjs/common");
const lru_cache_1 = require("lru-cache");
const ledger_reads_sql_1 = require("../ledger/ledger-reads.sql");
const disclosure_sql_1 = require("./disclosure.sql");
const blockRows = 500;
/** Bytes of JSON kept, over all datasets; parsed it takes some three times as much. */
const maxBytes = 12 * 1024 * 1024;
// What retention removed may be read for so long, by whoever was about to have it anyway.
const maxAgeMs = 10_000;
/**
 * Blocks of the ledger that one consumer after the other reads: read and parsed once (bench `pull`). What stands at a
 * position never changes, so a whole block is as good as the table.
 *
 * INVARIANT: nobody changes a row or its record. Lenses make new objects.
 */
let LedgerBlocks = class LedgerBlocks {
    blocks = new lru_cache_1.LRUCache({
        maxSize: maxBytes,
        ttl: maxAgeMs,
        sizeCalculation: (rows) => rows.reduce((sum, { data }) => sum + data.length + 200, 0),
    });
    /** How far each dataset's ledger was when it was last looked at. */
    heads = new lru_cache_1.LRUCache({ max: 10_000 });
    /** As `readLedger`; a chunk ends where its block does. */
    async read(datasetId, after, limit, tx) {
        const start = Math.floor(after / blockRows) * blockRows;
        const key = `${datasetId}|${start}`;
        const place = after - start;
        const known = this.blocks.get(key);
        if (known)
            return { rows: known.slice(place, place + limit), head: await (0, disclosure_sql_1.headOf)(datasetId, tx) };
        // The newest events, whose block is not full yet, are read as far as they are asked for.
        const isFull = (this.heads.get(datasetId) ?? 0) >= start + blockRows;
        const chunk = isFull
            ? await (0, ledger_reads_sql_1.readLedger)(datasetId, start, blockRows, tx)
            : await (0, ledger_reads_sql_1.readLedger)(datasetId, after, Math.min(limit, blockRows - place), tx);
        this.heads.set(datasetId, chunk.head);
        if (!isFull)
            return chunk;
        if (isWhole(chunk.rows, start))
            this.blocks.set(key, chunk.rows);
        const rows = chunk.rows.filter(({ position }) => position > after);
        // Nothing of the block is left behind `after`, or it is cut short by its size: read on from there.
        return rows.length > 0 ? { ...chunk, rows: rows.slice(0, limit) } : (0, ledger_reads_sql_1.readLedger)(datasetId, after, limit, tx);
    }
};
exports.LedgerBlocks = LedgerBlocks;
exports.LedgerBlocks = LedgerBlocks = __decorate([
    (0, common_1.Injectable)()
], LedgerBlocks);
// Positions are dense: what is missing was removed, or is beyond the end of the ledger or of a chunk.
const isWhole = (rows, start) => rows.length === blockRows && rows[0]?.position === start + 1 && rows.at(-1)?.position === start + blockRows;
//# sourceMappingURL=ledger-blocks.js.map