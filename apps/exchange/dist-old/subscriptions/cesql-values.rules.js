"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.maxPattern = exports.functions = exports.comparisons = exports.arithmetic = exports.toText = exports.CesqlError = void 0;
exports.toInteger = toInteger;
exports.toBoolean = toBoolean;
exports.equals = equals;
exports.inRange = inRange;
exports.likeMatcher = likeMatcher;
/** Any error of an evaluation: a filter in which one arises does not hold. */
class CesqlError extends Error {
}
exports.CesqlError = CesqlError;
/** Characters of the longest text that an expression may build. */
const maxText = 10_000;
function toInteger(value) {
    if (typeof value === 'number')
        return value;
    if (typeof value === 'string' && /^[+-]?\d{1,10}$/.test(value))
        return inRange(Number(value));
    throw new CesqlError('not an integer');
}
function toBoolean(value) {
    if (typeof value === 'boolean')
        return value;
    if (typeof value === 'number')
        return value !== 0;
    if (/^(true|false)$/i.test(value))
        return value.toLowerCase() === 'true';
    throw new CesqlError('not a boolean');
}
/** The text of a value; of booleans in lower case. */
exports.toText = String;
/** Whether `left`, as the type of `right`, is the same; what cannot be cast is an error. */
function equals(left, right) {
    if (typeof right === 'number')
        return toInteger(left) === right;
    if (typeof right === 'boolean')
        return toBoolean(left) === right;
    return (0, exports.toText)(left) === right;
}
/** An integer of 32 bits with its sign; other results are errors. */
function inRange(value) {
    if (value < -(2 ** 31) || value >= 2 ** 31)
        throw new CesqlError('outside of 32 bits');
    return value;
}
exports.arithmetic = {
    '+': (a, b) => inRange(a + b),
    '-': (a, b) => inRange(a - b),
    '*': (a, b) => inRange(a * b),
    '/': (a, b) => inRange(Math.trunc(a / notZero(b))),
    '%': (a, b) => (a % notZero(b)) + 0,
};
function notZero(value) {
    if (value === 0)
        throw new CesqlError('divided by zero');
    return value;
}
exports.comparisons = {
    '=': equals,
    '!=': (a, b) => !equals(a, b),
    '<>': (a, b) => !equals(a, b),
    '<': (a, b) => toInteger(a) < toInteger(b),
    '<=': (a, b) => toInteger(a) <= toInteger(b),
    '>': (a, b) => toInteger(a) > toInteger(b),
    '>=': (a, b) => toInteger(a) >= toInteger(b),
};
const text = (of) => ({ min: 1, max: 1, of: (value = '') => of((0, exports.toText)(value)) });
const castable = (cast) => (value) => {
    try {
        cast(value);
        return true;
    }
    catch {
        return false;
    }
};
/** The functions, by their names in upper case. */
exports.functions = new Map([
    ['LENGTH', text((value) => value.length)],
    ['LOWER', text((value) => value.toLowerCase())],
    ['UPPER', text((value) => value.toUpperCase())],
    ['TRIM', text((value) => value.trim())],
    ['STRING', text((value) => value)],
    ['INT', { min: 1, max: 1, of: (value = 0) => toInteger(value) }],
    ['BOOL', { min: 1, max: 1, of: (value = false) => toBoolean(value) }],
    ['IS_INT', { min: 1, max: 1, of: (value = '') => castable(toInteger)(value) }],
    ['IS_BOOL', { min: 1, max: 1, of: (value = '') => castable(toBoolean)(value) }],
    ['ABS', { min: 1, max: 1, of: (value = 0) => inRange(Math.abs(toInteger(value))) }],
    ['CONCAT', { min: 0, max: 50, of: (...values) => bounded(values.map(exports.toText).join('')) }],
    ['CONCAT_WS', { min: 1, max: 50, of: (by = '', ...values) => bounded(values.map(exports.toText).join((0, exports.toText)(by))) }],
    ['LEFT', { min: 2, max: 2, of: (value = '', count = 0) => (0, exports.toText)(value).slice(0, notNegative(count)) }],
    [
        'RIGHT',
        { min: 2, max: 2, of: (value = '', count = 0) => (0, exports.toText)(value).slice((0, exports.toText)(value).length - atMost(value, count)) },
    ],
    ['SUBSTRING', { min: 2, max: 3, of: (value = '', from = 1, length) => substring((0, exports.toText)(value), from, length) }],
]);
function bounded(value) {
    if (value.length > maxText)
        throw new CesqlError('too long');
    return value;
}
function notNegative(value) {
    const count = toInteger(value);
    if (count < 0)
        throw new CesqlError('negative');
    return count;
}
const atMost = (value, count) => Math.min(notNegative(count), (0, exports.toText)(value).length);
// From 1; negative from the end; 0 gives nothing.
function substring(value, from, length) {
    const at = toInteger(from);
    if (Math.abs(at) > value.length)
        throw new CesqlError('out of range');
    if (at === 0)
        return '';
    const start = at > 0 ? at - 1 : value.length + at;
    return value.slice(start, length === undefined ? undefined : start + notNegative(length));
}
/** Characters of the longest pattern. */
exports.maxPattern = 200;
/**
 * A pattern of `LIKE`: `%` any characters, `_` one, `\%` and `\_` themselves; the whole text. INVARIANT: never more steps
 * than the text and the pattern multiplied, and both are bounded.
 */
function likeMatcher(pattern) {
    const parts = [...pattern.matchAll(/\\[%_]|[\s\S]/gu)].map(([part]) => part);
    const fits = (part, found) => part === '_' || (part !== undefined && part !== '%' && part.replace(/^\\(?=[%_])/, '') === found);
    return (value) => {
        const found = [...bounded(value)];
        let [at, part, star, mark] = [0, 0, -1, 0];
        while (at < found.length) {
            if (parts[part] === '%')
                [star, mark, part] = [part, at, part + 1];
            else if (fits(parts[part], found[at] ?? ''))
                [at, part] = [at + 1, part + 1];
            else if (star >= 0)
                [part, mark, at] = [star + 1, mark + 1, mark + 1];
            else
                return false;
        }
        while (parts[part] === '%')
            part += 1;
        return part === parts.length;
    };
}
//# sourceMappingURL=cesql-values.rules.js.map