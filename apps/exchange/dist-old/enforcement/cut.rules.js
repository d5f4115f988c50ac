"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.cutTo = cutTo;
/** What was read, with its first `records` records alone; what was cut off is behind where it now ends. */
function cutTo(found, records) {
    if (found.matched.length <= records)
        return found;
    const matched = found.matched.slice(0, records);
    const last = matched.at(-1);
    const { through, afterKey } = found;
    return {
        ...found,
        matched,
        hasMore: true,
        ...(through === undefined ? { afterKey: last?.key ?? afterKey } : { through: last?.row.position ?? through }),
    };
}
//# sourceMappingURL=cut.rules.js.map