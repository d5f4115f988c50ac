"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.readPage = readPage;
exports.readLatestPage = readLatestPage;
exports.matchOf = matchOf;
const pointer_1 = require("../datasets/pointer");
const disclosure_sql_1 = require("./disclosure.sql");
const maxScanned = 5_000;
const chunkRows = 500;
/** Bytes that a page looks at, at most, whether or not the lens lets them through. */
const maxScannedBytes = 64 * 1024 * 1024;
/** Bytes of granted JSON after which a page is full, unless it is asked for a smaller one. */
const maxPageBytes = 8 * 1024 * 1024;
/**
 * The granted events behind `after`, up to `until`, in their order.
 *
 * INVARIANT: `through` passes over what retention removed, so that nobody waits for what will not come.
 */
async function readPage(source, request, read, tx) {
    const { after, until = Infinity } = request;
    const page = new OpenPage(source, request);
    let through = after;
    let head = 0;
    while (!page.isFull && through < until) {
        const chunk = await read(source.agreement.datasetId, through, chunkRows, tx);
        head = chunk.head;
        for (const row of chunk.rows) {
            if (page.isFull)
                break;
            through = Math.min(row.position, until);
            if (row.position > until)
                break;
            page.look(row);
        }
        if (chunk.rows.length === 0) {
            through = Math.max(through, Math.min(head, until));
            break;
        }
    }
    return { matched: page.matched, through, looked: page.looked, head };
}
/**
 * The granted latest records behind a key, in the order of their keys. `afterKey` is where the next page begins; absent
 * when there is none.
 *
 * A page looks at 5,000 records or 64 MiB at most, each by its place in the index of `events`, whatever `isWanted` asks:
 * no index over fields would serve every lens, and each would cost the ledger's writer.
 */
async function readLatestPage(source, request, tx) {
    const page = new OpenPage(source, request);
    let { afterKey } = request;
    while (!page.isFull) {
        const chunk = await (0, disclosure_sql_1.readLatest)(source.agreement.datasetId, afterKey, chunkRows, tx);
        for (const row of chunk.rows) {
            if (page.isFull)
                return { matched: page.matched, afterKey, looked: page.looked };
            afterKey = row.key;
            page.look(row);
        }
        if (chunk.isLast)
            return { matched: page.matched, looked: page.looked };
    }
    return { matched: page.matched, afterKey, looked: page.looked };
}
/** One row as the lens shows it; undefined when the agreement does not give it. */
function matchOf(source, row) {
    if (row.tombstone)
        return removalOf(source, row, row.tombstone.removedData);
    const { agreement, dataset, lens } = source;
    const data = (row.record ??= JSON.parse(row.data));
    if (!lens.matches(data))
        return undefined;
    const at = (pointer) => (typeof pointer === 'string' ? (0, pointer_1.keyAt)(data, pointer) : undefined);
    const event = eventOf(agreement.datasetId, row, lens.project(data));
    return { row, event, subject: at(dataset?.dataSubjectPointer), key: at(dataset?.keyPointer) };
}
// Only for those who were given the record as it was last; others must not learn that there was one (P4).
function removalOf({ agreement, dataset, lens }, row, removedData) {
    if (removedData === undefined || !dataset)
        return undefined;
    const removed = JSON.parse(removedData);
    if (!lens.matches(removed))
        return undefined;
    const { keyPointer, dataSubjectPointer } = dataset;
    const shown = lens.project((0, pointer_1.onlyAt)(removed, keyPointer));
    const event = { ...eventOf(agreement.datasetId, row, shown), type: 'exchange.record-removed.v1' };
    const subject = dataSubjectPointer === null ? undefined : (0, pointer_1.keyAt)(removed, dataSubjectPointer);
    return { row, event, subject, key: (0, pointer_1.keyAt)(removed, keyPointer) };
}
/** A page while it is filled: rows, records and bytes are counted. */
class OpenPage {
    source;
    bounds;
    matched = [];
    looked = 0;
    lookedBytes = 0;
    bytes = 0;
    constructor(source, bounds) {
        this.source = source;
        this.bounds = bounds;
    }
    get isFull() {
        const { maxBytes = maxPageBytes } = this.bounds;
        const limit = Math.min(this.bounds.limit, this.source.mostRecords ?? Infinity);
        const isTired = this.looked >= maxScanned || this.lookedBytes >= maxScannedBytes;
        return isTired || this.matched.length >= limit || this.bytes >= maxBytes;
    }
    look(row) {
        this.looked += 1;
        this.lookedBytes += row.data.length;
        const matched = matchOf(this.source, row);
        if (!matched || this.bounds.isWanted?.(matched.event) === false)
            return;
        this.matched.push(matched);
        this.bytes += row.data.length;
    }
}
// The bus's own envelope: nothing of the publisher's rides along beside what the lens lets through.
function eventOf(datasetId, row, data) {
    return {
        specversion: '1.0',
        id: String(row.position),
        source: `/datasets/${datasetId}`,
        type: 'exchange.record-shared.v1',
        time: row.recordedAt.toISOString(),
        datacontenttype: 'application/json',
        sequence: String(row.position).padStart(16, '0'),
        data,
    };
}
//# sourceMappingURL=page-reader.js.map