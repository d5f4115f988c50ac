"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.meets = void 0;
exports.readQuestion = readQuestion;
exports.requireGranted = requireGranted;
exports.isShownPlain = isShownPlain;
exports.askedOf = askedOf;
const contracts_1 = require("@govbus/contracts");
const pointer_1 = require("../datasets/pointer");
const maxConditions = 10;
const maxTextLength = 1024;
/** The question in a request of unknown shape. Errors: `Invalid` `query.invalid`, with the places. */
function readQuestion({ key, where }) {
    const hasKey = key !== undefined && key !== null;
    const hasWhere = where !== undefined && where !== null;
    if (hasKey === hasWhere)
        throw invalid([{ pointer: '', code: 'query.shape', detail: 'must have exactly one of `key` and `where`' }]);
    return hasKey ? { key } : { where: readConditions(where) };
}
function readConditions(where) {
    const entries = typeof where === 'object' && where !== null && !Array.isArray(where) ? Object.entries(where) : [];
    if (entries.length === 0 || entries.length > maxConditions)
        throw invalid([
            { pointer: '/where', code: 'query.shape', detail: `must be an object with 1 to ${maxConditions} fields` },
        ]);
    const faults = [];
    const conditions = entries.flatMap(([pointer, value]) => {
        const at = placeOf(pointer);
        if (!(0, contracts_1.isPointer)(pointer))
            faults.push({ pointer: at, code: 'query.field', detail: 'must be named by a JSON pointer such as /name' });
        else if (isScalar(value))
            return [{ pointer, value }];
        else
            faults.push({
                pointer: at,
                code: 'query.value',
                detail: `must be a text of at most ${maxTextLength} characters, a number, a boolean or null`,
            });
        return [];
    });
    if (faults.length > 0)
        throw invalid(faults);
    return conditions;
}
/**
 * Refuses conditions on what the terms do not grant. A field that is not granted and one that does not exist are
 * refused alike. Errors: `Invalid` `query.field-not-granted`.
 */
function requireGranted(conditions, terms) {
    const strange = conditions.filter(({ pointer }) => !terms.fields.some((granted) => isWithin(pointer, granted)));
    if (strange.length === 0)
        return;
    const faults = strange.map(({ pointer }) => {
        return { pointer: placeOf(pointer), code: 'query.field-not-granted', detail: 'is not a field that is granted' };
    });
    throw new contracts_1.Invalid('query.field-not-granted', 'the agreement grants no such field', { faults });
}
/**
 * Whether the terms show a field as it is. A key that they hide cannot be asked for: the answer would tell to which
 * hidden value a record belongs.
 */
function isShownPlain(pointer, terms) {
    const place = uncounted(pointer);
    const isGranted = terms.fields.some((granted) => isWithin(pointer, granted));
    const masks = terms.masks.map(({ field }) => uncounted(field));
    return isGranted && !masks.some((masked) => isWithin(place, masked) || isWithin(masked, place));
}
/**
 * Whether a record meets all conditions, asked of what the lens left of it: a masked field is compared as it is shown,
 * so that a query tells nothing that its answer would not. What is missing is null.
 */
const meets = (shown, conditions) => conditions.every(({ pointer, value }) => ((0, pointer_1.valueAt)(shown, pointer) ?? null) === value);
exports.meets = meets;
/** The value that conditions ask of a field, as text; undefined when they ask for none. */
function askedOf(conditions, pointer) {
    const value = conditions.find((condition) => condition.pointer === pointer)?.value;
    return value === undefined || value === null || value === '' ? undefined : String(value);
}
const isScalar = (value) => value === null ||
    typeof value === 'number' ||
    typeof value === 'boolean' ||
    (typeof value === 'string' && value.length <= maxTextLength);
const isWithin = (pointer, above) => pointer === above || pointer.startsWith(`${above}/`);
// Without the steps that count elements: a mask on `/people/phone` covers `/people/0/phone`.
const uncounted = (pointer) => pointer.replaceAll(/\/\d+(?=\/|$)/g, '');
const placeOf = (name) => `/where/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
const invalid = (faults) => new contracts_1.Invalid('query.invalid', 'the query breaks its rules', { faults });
//# sourceMappingURL=query.rules.js.map