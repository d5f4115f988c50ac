"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.digestOf = exports.isTombstone = void 0;
exports.place = place;
exports.removalsOf = removalsOf;
exports.firstsOf = firstsOf;
exports.publicationsOf = publicationsOf;
const node_crypto_1 = require("node:crypto");
const identityOf = (event) => JSON.stringify([event.source, event.eventId]);
/**
 * Gives each new event the next position of its dataset; the same event again is nothing, another event under the same
 * `(source, id)` is a conflict, and a conflict seen twice is one.
 *
 * INVARIANT: the positions of a dataset are dense: 1, 2, 3 …, in the order of the topic.
 */
function place(events, known, heads) {
    const digests = new Map(known.map((id) => [identityOf(id), id.digest]));
    const next = new Map(heads);
    const conflicts = new Map();
    const placed = [];
    for (const event of events) {
        const identity = identityOf(event);
        const digest = digests.get(identity);
        if (digest === event.digest)
            continue;
        if (digest !== undefined) {
            conflicts.set(`${identity}${event.digest}`, event);
            continue;
        }
        const position = (next.get(event.datasetId) ?? 0) + 1;
        next.set(event.datasetId, position);
        digests.set(identity, event.digest);
        placed.push({ ...event, position });
    }
    return { placed, conflicts: [...conflicts.values()], heads: next };
}
/** What the tombstones of a batch remove; `keys` has the record key of each event. */
function removalsOf(placed, keys) {
    if (!placed.some(exports.isTombstone))
        return [];
    const latest = new Map();
    return placed.flatMap((event, i) => {
        const { datasetId, position } = event;
        const key = keys[i];
        if (key === null || key === undefined)
            return [];
        const record = JSON.stringify([datasetId, key]);
        const removes = latest.get(record) ?? 'stored';
        latest.set(record, (0, exports.isTombstone)(event) ? 'nothing' : position);
        return (0, exports.isTombstone)(event) ? [{ datasetId, key, position, removes }] : [];
    });
}
/** Whether an event says that its record is removed. */
const isTombstone = (event) => event.schemaVersion === 0;
exports.isTombstone = isTombstone;
/** The datasets that reach a period with these events, and their first position in it. */
function firstsOf(placed, period, reached) {
    const firsts = new Map();
    for (const { datasetId, position } of placed)
        if (reached.get(datasetId) !== period && !firsts.has(datasetId))
            firsts.set(datasetId, position);
    return firsts;
}
/** One publication for each dataset and publisher; its digest covers the events' digests in their order. */
function publicationsOf(placed) {
    const groups = new Map();
    for (const event of placed) {
        const key = `${event.datasetId}|${event.publisher}`;
        const group = groups.get(key);
        if (group)
            group.push(event);
        else
            groups.set(key, [event]);
    }
    return [...groups.values()].flatMap((group) => {
        const [first, last] = [group[0], group[group.length - 1]];
        if (!first || !last)
            return [];
        const digest = (0, exports.digestOf)(group.map((event) => event.digest));
        const { datasetId, publisher } = first;
        return [{ datasetId, publisher, first: first.position, last: last.position, records: group.length, digest }];
    });
}
/** SHA-256 over the digests in their order, hex. */
const digestOf = (digests) => (0, node_crypto_1.createHash)('sha256').update(digests.join('')).digest('hex');
exports.digestOf = digestOf;
//# sourceMappingURL=ledger.rules.js.map