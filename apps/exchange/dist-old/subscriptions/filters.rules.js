"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.passes = void 0;
exports.readFilters = readFilters;
exports.visibleTo = visibleTo;
const contracts_1 = require("@govbus/contracts");
const lru_cache_1 = require("lru-cache");
const cesql_rules_1 = require("./cesql.rules");
const maxFilters = 100;
const maxDepth = 8;
const maxValueLength = 1_000;
const compares = {
    exact: (found, wanted) => found === wanted,
    prefix: (found, wanted) => found.startsWith(wanted),
    suffix: (found, wanted) => found.endsWith(wanted),
};
/**
 * The filters of a request, in their own order.
 *
 * Errors: `Invalid` `filter.invalid` with a pointer below `pointer`: an unknown dialect, a bad shape, more than 100
 *   filters in all or more than 8 levels.
 */
function readFilters(value, pointer) {
    let count = 0;
    const read = (given, at, depth) => {
        count += 1;
        if (count > maxFilters || depth > maxDepth)
            throw fault(at, 'filters.size', 'has too many filters or levels');
        const [first, ...others] = isObject(given) ? Object.entries(given) : [];
        if (!first || others.length > 0)
            throw fault(at, 'filters.shape', 'must be an object with one dialect');
        const [dialect, body] = first;
        const below = `${at}/${dialect.replaceAll('~', '~0').replaceAll('/', '~1')}`;
        if (dialect === 'exact')
            return { exact: attributesOf(body, below) };
        if (dialect === 'prefix')
            return { prefix: attributesOf(body, below) };
        if (dialect === 'suffix')
            return { suffix: attributesOf(body, below) };
        if (dialect === 'not')
            return { not: read(body, below, depth + 1) };
        // Some brokers know `sql` by the name of its language.
        if (dialect === 'sql' || dialect === 'cesql')
            return { sql: expressionOf(body, below) };
        if (dialect !== 'all' && dialect !== 'any')
            throw fault(below, 'filters.dialect', 'is no dialect known here');
        if (!Array.isArray(body) || body.length === 0)
            throw fault(below, 'filters.shape', 'must be a list of filters');
        const inner = body.map((one, i) => read(one, `${below}/${i}`, depth + 1));
        return dialect === 'all' ? { all: inner } : { any: inner };
    };
    if (!Array.isArray(value))
        throw fault(pointer, 'filters.shape', 'must be a list of filters');
    return value.map((one, i) => read(one, `${pointer}/${i}`, 1));
}
function attributesOf(value, pointer) {
    const entries = isObject(value) ? Object.entries(value) : [];
    if (entries.length === 0)
        throw fault(pointer, 'filters.shape', 'must be an object with attributes');
    return Object.fromEntries(entries.map(([name, wanted]) => {
        if (name !== '' && typeof wanted === 'string' && wanted !== '' && wanted.length <= maxValueLength)
            return [name.toLowerCase(), wanted];
        throw fault(pointer, 'filters.shape', 'must hold names and texts that are not empty, of 1,000 characters at most');
    }));
}
const expressions = new lru_cache_1.LRUCache({ max: 1_000 });
/** An expression, compiled once while it is in use. */
function compiled(expression) {
    const known = expressions.get(expression) ?? (0, cesql_rules_1.compileCesql)(expression);
    expressions.set(expression, known);
    return known;
}
function expressionOf(value, pointer) {
    if (typeof value !== 'string')
        throw fault(pointer, 'filters.shape', 'must be a text');
    try {
        (0, cesql_rules_1.compileCesql)(value);
        return value;
    }
    catch (error) {
        if (error instanceof cesql_rules_1.CesqlFault)
            throw fault(pointer, 'filters.expression', error.message);
        throw error;
    }
}
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
function fault(pointer, code, detail) {
    const faults = [{ pointer, code, detail }];
    return new contracts_1.Invalid('filter.invalid', 'a filter is not one that the bus knows', { faults });
}
/**
 * What filters may see of a delivered event: the attributes of the bus's own envelope, and the top-level scalar fields
 * of its data as the lens left them, under their names in lower case. An attribute goes before a field of its name.
 */
function visibleTo(event) {
    const { data, ...attributes } = event;
    const visible = new Map();
    for (const source of [isObject(data) ? data : {}, attributes])
        for (const [name, value] of Object.entries(source))
            if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
                visible.set(name.toLowerCase(), String(value));
    return visible;
}
/** Whether all filters hold; none at all hold. */
const passes = (filters, visible) => filters.every((filter) => holds(filter, visible));
exports.passes = passes;
function holds(filter, visible) {
    if ('all' in filter)
        return filter.all.every((one) => holds(one, visible));
    if ('any' in filter)
        return filter.any.some((one) => holds(one, visible));
    if ('not' in filter)
        return !holds(filter.not, visible);
    if ('sql' in filter)
        return compiled(filter.sql)(visible);
    if ('exact' in filter)
        return every(filter.exact, visible, compares.exact);
    if ('prefix' in filter)
        return every(filter.prefix, visible, compares.prefix);
    return every(filter.suffix, visible, compares.suffix);
}
function every(wanted, visible, compare) {
    return Object.entries(wanted).every(([name, value]) => {
        const found = visible.get(name);
        return found !== undefined && compare(found, value);
    });
}
//# sourceMappingURL=filters.rules.js.map