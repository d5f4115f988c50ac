"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.canonicalText = canonicalText;
const contracts_1 = require("@govbus/contracts");
const strict_json_1 = require("./strict-json");
/** Why the quick way gives up; the slow one then says where. */
const unkeepable = new Error('cannot be kept');
const maxNames = 10_000;
const quotedNames = new Map();
/**
 * The canonical JSON (RFC 8785) of a parsed value: its text on the bus, and what its digest is taken of.
 *
 * Errors: those of `refuseUnkeepable`. One walk does both, since it is the dearest step of the ingest after the parser
 * (bench `batch`).
 */
function canonicalText(value) {
    let text;
    try {
        text = textOf(value, 1);
    }
    catch (error) {
        (0, strict_json_1.refuseUnkeepable)(value);
        throw error;
    }
    // `JSON.stringify` writes U+0000 and lone surrogates as escapes, and hardly anything else.
    if (text.includes('\\u'))
        (0, strict_json_1.refuseUnkeepable)(value);
    return text;
}
function textOf(value, depth) {
    switch (typeof value) {
        case 'string':
            return JSON.stringify(value);
        case 'number':
            if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value)))
                throw unkeepable;
            return String(value);
        case 'boolean':
            return value ? 'true' : 'false';
        case 'object':
            if (value === null)
                return 'null';
            if (depth > contracts_1.maxEventDepth)
                throw unkeepable;
            return Array.isArray(value) ? arrayText(value, depth) : objectText(value, depth);
        default:
            throw unkeepable;
    }
}
function arrayText(items, depth) {
    let text = '[';
    for (let i = 0; i < items.length; i += 1)
        text += `${i === 0 ? '' : ','}${textOf(items[i], depth + 1)}`;
    return `${text}]`;
}
// RFC 8785, 3.2.3: member names in the order of their UTF-16 code units, which is JavaScript's own.
function objectText(value, depth) {
    let text = '{';
    for (const name of sorted(Object.keys(value))) {
        if (name === '__proto__')
            throw unkeepable;
        const member = value[name];
        if (member !== undefined)
            text += `${text === '{' ? '' : ','}${quoted(name)}:${textOf(member, depth + 1)}`;
    }
    return `${text}}`;
}
function sorted(names) {
    for (let i = 1; i < names.length; i += 1)
        if ((names[i - 1] ?? '') > (names[i] ?? ''))
            return names.sort();
    return names;
}
function quoted(name) {
    const known = quotedNames.get(name);
    if (known !== undefined)
        return known;
    const text = JSON.stringify(name);
    if (quotedNames.size >= maxNames)
        quotedNames.clear();
    if (name.length <= 64)
        quotedNames.set(name, text);
    return text;
}
//# sourceMappingURL=canonical.js.map