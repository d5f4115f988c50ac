"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.attributesOf = attributesOf;
exports.headerText = headerText;
const node_buffer_1 = require("node:buffer");
const contracts_1 = require("@govbus/contracts");
const quoted = /^"((?:[^"\\]|\\.)*)"$/;
const escapes = /(?:%[0-9a-f]{2})+/gi;
const isAscii = (text) => Buffer.byteLength(text) === text.length;
/**
 * The attributes that the `ce-` headers of a request carry, all of them strings; `datacontenttype` is its content type.
 *
 * Shape: `rawHeaders` as Node gives them, names and values in turn, a character for each byte.
 * Errors: `Invalid` `event.invalid` with a fault for each header that cannot be read.
 * Source: CloudEvents HTTP Protocol Binding 1.0.2, section 3.1.
 */
function attributesOf(rawHeaders) {
    const attributes = new Map();
    const faults = [];
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
        const header = (rawHeaders[i] ?? '').toLowerCase();
        const value = rawHeaders[i + 1] ?? '';
        if (header === 'content-type')
            attributes.set('datacontenttype', value);
        if (!header.startsWith('ce-'))
            continue;
        const name = header.slice('ce-'.length);
        const fault = (code, detail) => faults.push({ pointer: `/${name}`, code, detail });
        const text = headerText(value);
        if (['datacontenttype', 'data', 'data_base64'].includes(name))
            fault('header', 'must not come as a header');
        else if (attributes.has(name))
            fault('duplicate', 'comes more than once');
        else if (text === undefined)
            fault('encoding', 'is not UTF-8');
        else
            attributes.set(name, text);
    }
    if (faults.length > 0)
        throw new contracts_1.Invalid('event.invalid', 'not a CloudEvent 1.0 that the bus takes', { faults: faults.slice(0, 20) });
    return Object.fromEntries(attributes);
}
/**
 * The text of a header value: bytes as UTF-8 where they are that, quotes undone, then one round of percent-decoding.
 * A `%` without two hexadecimal digits is itself: several SDKs send it so. Undefined when escapes are not UTF-8.
 */
function headerText(value) {
    const text = utf8Of(value);
    const inner = quoted.exec(text)?.[1]?.replace(/\\(.)/g, '$1') ?? text;
    let isText = true;
    const decoded = inner.replace(escapes, (run) => {
        const bytes = Buffer.from(run.replaceAll('%', ''), 'hex');
        isText &&= (0, node_buffer_1.isUtf8)(bytes);
        return bytes.toString('utf8');
    });
    return isText ? decoded : undefined;
}
function utf8Of(value) {
    if (isAscii(value))
        return value;
    const bytes = Buffer.from(value, 'latin1');
    return (0, node_buffer_1.isUtf8)(bytes) ? bytes.toString('utf8') : value;
}
//# sourceMappingURL=binary-mode.js.map