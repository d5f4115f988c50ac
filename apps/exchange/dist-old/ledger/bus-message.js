"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.Unreadable = void 0;
exports.readBusMessage = readBusMessage;
const contracts_1 = require("@govbus/contracts");
const cloud_event_1 = require("../ingest/cloud-event");
/** Why a message can never be written; a reason without any of its content. */
class Unreadable extends Error {
    name = 'Unreadable';
}
exports.Unreadable = Unreadable;
/**
 * The ledger's event in a raw message.
 *
 * Errors: `Unreadable` for whatever the ingest would not have sent: such a message is parked, never retried.
 */
function readBusMessage(message) {
    if (message.value === null)
        throw new Unreadable('no value');
    let event;
    try {
        event = JSON.parse(message.value.toString('utf8'));
    }
    catch {
        throw new Unreadable('not JSON');
    }
    if (typeof event !== 'object' || event === null || Array.isArray(event))
        throw new Unreadable('not an object');
    const { id, source, type, dataset, publisher, recordedtime, schemaversion, digest, data, ...rest } = event;
    if (!isText(id) || !isText(source) || !isText(type) || !isText(publisher))
        throw new Unreadable('`id`, `source`, `type` or `publisher` is missing or unfit');
    if (Buffer.byteLength(source + id) > cloud_event_1.maxIdentityBytes)
        throw new Unreadable('`source` and `id` are too long');
    if (!(0, contracts_1.isSlug)(dataset))
        throw new Unreadable('`dataset` is missing or unfit');
    if (!isText(recordedtime) || !Number.isFinite(Date.parse(recordedtime)))
        throw new Unreadable('`recordedtime` is no time');
    const isTombstone = rest.tombstone === true && schemaversion === 0;
    if (!isTombstone && !isPositive32(schemaversion))
        throw new Unreadable('no `schemaversion`');
    if (typeof digest !== 'string' || !/^[0-9a-f]{64}$/.test(digest))
        throw new Unreadable('`digest` is no SHA-256');
    if (typeof data !== 'object' || data === null || Array.isArray(data))
        throw new Unreadable('`data` is no object');
    return {
        datasetId: dataset,
        source,
        eventId: id,
        type,
        publisher,
        recordedAt: new Date(recordedtime).toISOString(),
        schemaVersion: schemaversion,
        digest,
        attributes: JSON.stringify(rest),
        data,
        dataText: JSON.stringify(data),
    };
}
const isText = (value) => typeof value === 'string' && value !== '' && !value.includes('\u0000');
const isPositive32 = (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 2 ** 31 - 1;
//# sourceMappingURL=bus-message.js.map