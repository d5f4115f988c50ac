"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.anyJsonType = exports.streamTypes = exports.batchType = exports.structuredType = void 0;
exports.modeOf = modeOf;
const platform_1 = require("@govbus/platform");
exports.structuredType = 'application/cloudevents+json';
exports.batchType = 'application/cloudevents-batch+json';
exports.streamTypes = ['application/x-ndjson', 'application/jsonl'];
/** Any media type of JSON, which in binary mode is the type of the data. */
exports.anyJsonType = /^[^;]*[/+]json\s*(;|$)/i;
const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i;
/**
 * The mode of a request by its content type, in any case and with parameters. `application/json` is taken for a
 * structured event too, unless one of the headers that binary mode requires is there.
 *
 * Errors: `EdgeError` 415 `media-type.unsupported`.
 * Source: CloudEvents HTTP Protocol Binding 1.0.2, section 3.
 */
function modeOf(headers) {
    const value = headers['content-type'] ?? '';
    if (value === exports.structuredType)
        return 'structured';
    const named = charset.exec(value)?.[1];
    if (named !== undefined && !/^(utf-?8|us-ascii)$/i.test(named))
        throw new platform_1.EdgeError(415, 'media-type.unsupported', 'the body must be UTF-8');
    const type = value.split(';', 1)[0]?.trim().toLowerCase() ?? '';
    if (exports.streamTypes.includes(type))
        return 'stream';
    // The batch first: it begins with the structured prefix as well.
    if (type === exports.batchType)
        return 'batch';
    if (type === exports.structuredType)
        return 'structured';
    if (type.startsWith('application/cloudevents'))
        throw new platform_1.EdgeError(415, 'media-type.unsupported', 'events are taken in the JSON format');
    if (exports.anyJsonType.test(type)) {
        if (isBinary(headers))
            return 'binary';
        if (type === 'application/json')
            return 'structured';
    }
    throw new platform_1.EdgeError(415, 'media-type.unsupported', 'neither an event, a batch or a stream, nor JSON with `ce-` headers');
}
const isBinary = (headers) => headers['ce-specversion'] !== undefined ||
    headers['ce-id'] !== undefined ||
    headers['ce-source'] !== undefined ||
    headers['ce-type'] !== undefined;
//# sourceMappingURL=content-mode.js.map