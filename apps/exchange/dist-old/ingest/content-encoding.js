"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.decoderOf = decoderOf;
exports.inflated = inflated;
exports.inflateError = inflateError;
const node_util_1 = require("node:util");
const node_zlib_1 = require("node:zlib");
const contracts_1 = require("@govbus/contracts");
const platform_1 = require("@govbus/platform");
const gzip = { whole: (0, node_util_1.promisify)(node_zlib_1.gunzip), stream: () => (0, node_zlib_1.createGunzip)() };
const decoders = new Map([
    ['gzip', gzip],
    ['x-gzip', gzip],
    ['deflate', { whole: (0, node_util_1.promisify)(node_zlib_1.inflate), stream: () => (0, node_zlib_1.createInflate)() }],
    ['br', { whole: (0, node_util_1.promisify)(node_zlib_1.brotliDecompress), stream: () => (0, node_zlib_1.createBrotliDecompress)() }],
]);
/**
 * What undoes a `Content-Encoding`; undefined where there is none to undo.
 *
 * Errors: `EdgeError` 415 `media-type.unsupported`, also for more than one encoding, with what is taken.
 */
function decoderOf(encoding) {
    const name = encoding?.trim().toLowerCase();
    if (name === undefined || name === '' || name === 'identity')
        return undefined;
    const decoder = decoders.get(name);
    if (decoder)
        return decoder;
    const detail = 'the body may be compressed with gzip, deflate or br, once';
    throw new platform_1.EdgeError(415, 'media-type.unsupported', detail, { 'accept-encoding': 'gzip, deflate, br' });
}
/**
 * The body that a compressed one holds; inflating ends at `bound` bytes.
 *
 * Errors: `EdgeError` 413 `body.too-large`; `Invalid` `body.malformed` for what is cut off or not of that encoding.
 */
async function inflated(body, encoding, bound) {
    const decoder = decoderOf(encoding);
    if (!decoder)
        return body;
    try {
        return await decoder.whole(body, { maxOutputLength: bound });
    }
    catch (error) {
        throw inflateError(error);
    }
}
/** The refusal that an error of a decoder means. */
function inflateError(error) {
    if (error.code === 'ERR_BUFFER_TOO_LARGE')
        return new platform_1.EdgeError(413, 'body.too-large', 'the body inflates to more than this route takes');
    return new contracts_1.Invalid('body.malformed', 'the body is not what its content-encoding says', { cause: error });
}
//# sourceMappingURL=content-encoding.js.map