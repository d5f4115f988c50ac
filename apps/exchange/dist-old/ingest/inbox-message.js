"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.eventIn = eventIn;
exports.rejectedCopy = rejectedCopy;
const node_buffer_1 = require("node:buffer");
const contracts_1 = require("@govbus/contracts");
const platform_1 = require("@govbus/platform");
const content_mode_1 = require("./content-mode");
const strict_json_1 = require("./strict-json");
const attributePrefix = 'ce_';
/**
 * The CloudEvent that a message of an inbox carries, to be checked like the body of a request: structured by its content
 * type, or without one; binary where `ce_` headers stand beside a JSON type.
 *
 * Errors: `EdgeError` 413 `body.too-large`, 415 `media-type.unsupported`; `Invalid` `body.malformed`, `event.invalid`.
 * Source: CloudEvents Kafka Protocol Binding 1.0.2, section 3.
 */
function eventIn({ value, headers }) {
    if ((value?.length ?? 0) > contracts_1.maxEventBytes)
        throw new platform_1.EdgeError(413, 'body.too-large', `an event is at most ${contracts_1.maxEventBytes} bytes`);
    const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1].toString('utf8') ?? '';
    const media = type.split(';', 1)[0]?.trim().toLowerCase() ?? '';
    if (media.startsWith('application/cloudevents')) {
        if (media !== 'application/cloudevents+json')
            throw unsupported('a message holds one event, in the JSON format');
        return (0, strict_json_1.parseBody)(value ?? Buffer.alloc(0));
    }
    const isBinary = headers.some(([name]) => name.startsWith(attributePrefix));
    if (!isBinary && (media === '' || media === 'application/json'))
        return (0, strict_json_1.parseBody)(value ?? Buffer.alloc(0));
    if (!isBinary || (media !== '' && !content_mode_1.anyJsonType.test(media)))
        throw unsupported('neither an event as JSON, nor JSON with `ce_` headers');
    const attributes = attributesOf(headers);
    if (type !== '')
        attributes.datacontenttype = type;
    // No value is no data: the event is refused for that, with all that is wrong with it besides.
    return value === null ? attributes : { ...attributes, data: (0, strict_json_1.parseBody)(value) };
}
const unsupported = (detail) => new platform_1.EdgeError(415, 'media-type.unsupported', detail);
function attributesOf(headers) {
    const attributes = new Map();
    const faults = [];
    for (const [header, value] of headers) {
        if (!header.startsWith(attributePrefix))
            continue;
        const name = header.slice(attributePrefix.length);
        const fault = (code, detail) => faults.push({ pointer: `/${name}`, code, detail });
        if (['datacontenttype', 'data', 'data_base64'].includes(name))
            fault('header', 'must not come as a header');
        else if (attributes.has(name))
            fault('duplicate', 'comes more than once');
        else if (!(0, node_buffer_1.isUtf8)(value))
            fault('encoding', 'is not UTF-8');
        else
            attributes.set(name, value.toString('utf8'));
    }
    if (faults.length > 0)
        throw new contracts_1.Invalid('event.invalid', 'not a CloudEvent 1.0 that the bus takes', { faults: faults.slice(0, 20) });
    return Object.fromEntries(attributes);
}
// What a rejected message holds at most besides its reason, in bytes: the topic takes 1 MiB.
const [maxKeptValue, maxKeptHeaders] = [900 * 1024, 32 * 1024];
/**
 * A refused message as its sender finds it again: same key, value and headers, and the reason in headers of their own.
 * What is larger than a topic takes is left out; `origin-partition` and `origin-offset` say where it stands.
 */
function rejectedCopy(topic, partition, message, reason) {
    const { key, value, headers, offset } = message;
    const size = headers.reduce((sum, [name, header]) => sum + name.length + header.length, key?.length ?? 0);
    const fits = size <= maxKeptHeaders;
    return {
        topic: `${topic}.rejected`,
        key: fits ? key : null,
        value: value === null || value.length > maxKeptValue ? null : value,
        headers: {
            ...(fits ? Object.fromEntries(headers) : {}),
            code: reason.code,
            detail: reason.detail,
            ...(reason.faults && { faults: JSON.stringify(reason.faults) }),
            'origin-partition': String(partition),
            'origin-offset': String(offset),
        },
    };
}
//# sourceMappingURL=inbox-message.js.map