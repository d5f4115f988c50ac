"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.valueAt = valueAt;
exports.onlyAt = onlyAt;
exports.keyAt = keyAt;
const maxKnown = 10_000;
const known = new Map();
/** The tokens of a pointer, taken apart once: the same few are asked of every record. */
function tokensOf(pointer) {
    const found = known.get(pointer);
    if (found)
        return found;
    const tokens = pointer
        .split('/')
        .slice(1)
        .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
    if (known.size >= maxKnown)
        known.clear();
    known.set(pointer, tokens);
    return tokens;
}
/** The value at an RFC 6901 pointer below `root`; undefined when it is not there. */
function valueAt(root, pointer) {
    let value = root;
    for (const name of tokensOf(pointer)) {
        if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
            return undefined;
        value = value[name];
    }
    return value;
}
/** A record with nothing but the value at `pointer`; empty when there is none. Elements of arrays before it are null. */
function onlyAt(root, pointer) {
    const copy = (value, tokens) => {
        const [name, ...rest] = tokens;
        if (name === undefined)
            return value;
        if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
            return undefined;
        const inner = copy(value[name], rest);
        if (inner === undefined)
            return undefined;
        return Array.isArray(value)
            ? [...Array(Number(name)).fill(null), inner]
            : Object.fromEntries([[name, inner]]);
    };
    return copy(root, tokensOf(pointer)) ?? {};
}
/** A key found in a record as text; undefined unless it is a non-empty string, a number or a boolean. */
function keyAt(root, pointer) {
    const value = valueAt(root, pointer);
    if (typeof value === 'number' || typeof value === 'boolean')
        return String(value);
    return typeof value === 'string' && value !== '' ? value : undefined;
}
//# sourceMappingURL=pointer.js.map