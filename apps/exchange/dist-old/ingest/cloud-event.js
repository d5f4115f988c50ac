"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.maxIdentityBytes = exports.maxAttributeLength = void 0;
exports.parseCloudEvent = parseCloudEvent;
exports.askedSchemaVersion = askedSchemaVersion;
exports.busText = busText;
const contracts_1 = require("@govbus/contracts");
/** Longest `source`, `id` or `type`, in characters. */
exports.maxAttributeLength = 512;
/** Longest `source` and `id` together, in bytes of UTF-8: they share one entry of an index. */
exports.maxIdentityBytes = 2048;
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;
const attributeName = /^[a-z0-9]{1,20}$/;
// What a String of CloudEvents 1.0.2 must not hold; lone surrogates are refused for the whole body.
const forbiddenCharacter = /[\p{Cc}\p{Noncharacter_Code_Point}]/u;
const jsonType = /^[\w.+-]+\/([\w.+-]+\+)?json\s*(;.*)?$/i;
const known = new Set(['specversion', 'id', 'source', 'type', 'time', 'subject', 'datacontenttype', 'dataschema']);
// What the exchange alone says of an event; a publisher's own claim is not passed on.
const reserved = ['publisher', 'recordedtime', 'schemaversion', 'digest'];
/**
 * A structured CloudEvent 1.0 as the bus takes it: JSON `data` that is an object, and the extension `dataset`.
 *
 * Shape: `tombstone` may come as text, as binary mode has it; false is as if it were not there.
 * Errors: `Invalid` `event.invalid` with one fault for each wrong attribute (pointer and rule, never the value).
 */
function parseCloudEvent(value) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
        throw invalid([{ pointer: '', code: 'type', detail: 'an event must be an object' }]);
    const event = inOneForm(value);
    const faults = [];
    for (const name of Object.keys(event))
        if (name !== 'data') {
            const found = attributeFaults(name, event[name]);
            if (found.length > 0)
                faults.push(...found);
        }
    for (const name of ['specversion', 'id', 'source', 'type', 'dataset'])
        if (event[name] === undefined)
            faults.push({ pointer: `/${name}`, code: 'required', detail: 'is required' });
    if (typeof event.data !== 'object' || event.data === null || Array.isArray(event.data))
        faults.push({ pointer: '/data', code: 'type', detail: 'must be an object' });
    if (faults.length === 0 && Buffer.byteLength(`${String(event.source)}${String(event.id)}`) > exports.maxIdentityBytes)
        faults.push({ pointer: '/id', code: 'length', detail: `with the source longer than ${exports.maxIdentityBytes} bytes` });
    if (faults.length > 0)
        throw invalid(faults.slice(0, 20));
    return event;
}
// One form, so that the same event in another mode has the same digest. Attributes with null are as if absent
// (CloudEvents JSON format 1.0.2, 3.1); most events have none and stay as they are.
function inOneForm(event) {
    const isAbsent = (name) => name !== 'data' && event[name] === null;
    const names = Object.keys(event);
    if (event.tombstone === undefined && !names.some(isAbsent))
        return event;
    const formed = Object.fromEntries(names.filter((name) => !isAbsent(name)).map((name) => [name, event[name]]));
    if (formed.tombstone === 'true')
        formed.tombstone = true;
    if (formed.tombstone === false || formed.tombstone === 'false')
        delete formed.tombstone;
    return formed;
}
const invalid = (faults) => new contracts_1.Invalid('event.invalid', 'not a CloudEvent 1.0 that the bus takes', { faults });
function attributeFaults(name, value) {
    if (!attributeName.test(name))
        return [{ pointer: '', code: 'attribute-name', detail: 'attribute names are 1 to 20 characters of a-z and 0-9' }];
    const fault = (code, detail) => [{ pointer: `/${name}`, code, detail }];
    if (name === 'tombstone')
        return value === true ? [] : fault('type', 'must be a boolean');
    if (!known.has(name) && name !== 'dataset') {
        const isInteger = Number.isInteger(value) && Math.abs(Number(value)) <= 2 ** 31 - 1;
        if (typeof value === 'boolean' || isInteger)
            return [];
    }
    if (typeof value !== 'string')
        return fault('type', 'must be a string');
    if (forbiddenCharacter.test(value))
        return fault('characters', 'has control characters');
    return known.has(name) || name === 'dataset' ? contextFaults(name, value, fault) : [];
}
function contextFaults(name, value, fault) {
    if (value === '')
        return fault('empty', 'must not be empty');
    if (name === 'specversion' && value !== '1.0')
        return fault('specversion', 'must be `1.0`');
    if (name === 'dataset' && !(0, contracts_1.isSlug)(value))
        return fault('dataset', 'must be the id of a dataset');
    if (name === 'time' && !(rfc3339.test(value) && Number.isFinite(Date.parse(value))))
        return fault('time', 'must be a time of RFC 3339');
    if (name === 'datacontenttype' && !jsonType.test(value))
        return fault('datacontenttype', 'must be a JSON media type');
    if (value.length > exports.maxAttributeLength)
        return fault('length', `longer than ${exports.maxAttributeLength} characters`);
    return [];
}
/**
 * The schema version that `dataschema` asks for; undefined when the event leaves it to the bus.
 *
 * Errors: `Invalid` `event.invalid` unless it reads `urn:govbus:<dataset>:<version>` for the event's own dataset.
 */
function askedSchemaVersion(event) {
    if (event.dataschema === undefined)
        return undefined;
    const [, dataset, version] = /^urn:govbus:([a-z0-9-]+):(\d{1,9})$/.exec(event.dataschema) ?? [];
    if (dataset === event.dataset && version !== undefined)
        return Number(version);
    const detail = 'must be `urn:govbus:<dataset>:<version>` of the dataset of the event';
    throw invalid([{ pointer: '/dataschema', code: 'dataschema', detail }]);
}
/**
 * The text for `bus.events`: the publisher's event, whose canonical text is given, and what the exchange knows of it in
 * the reserved names.
 */
function busText(event, canonical, facts) {
    if (reserved.some((name) => event[name] !== undefined))
        return JSON.stringify({ ...event, ...facts });
    return `${canonical.slice(0, -1)},${JSON.stringify(facts).slice(1)}`;
}
//# sourceMappingURL=cloud-event.js.map