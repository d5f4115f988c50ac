import { type BusEvent, type Fault, Invalid, isSlug } from '@govbus/contracts';
import { extensionFault } from './extension.rules';
import { isTime } from './rfc3339';

/** A publisher's CloudEvent, checked: attributes with null are gone, `data` is an object. */
export type PublishedEvent = {
  specversion: '1.0';
  id: string;
  source: string;
  type: string;
  dataset: string;
  dataschema?: string;
  /** True: the record under the key in `data` is removed. */
  tombstone?: true;
  data: Record<string, unknown>;
  [attribute: string]: unknown;
};

/** Longest `source`, `id` or `type`, in characters. */
export const maxAttributeLength = 512;
/** Attributes besides `data`: some of them are looked for in the text of the whole event (`digestedText`). */
export const maxAttributes = 100;
/** Longest `source` and `id` together, in bytes of UTF-8: they share one entry of an index. */
export const maxIdentityBytes = 2048;

const attributeName = /^[a-z0-9]{1,20}$/;
// What a String of CloudEvents 1.0.2 must not hold; lone surrogates are refused for the whole body.
const forbiddenCharacter = /[\p{Cc}\p{Noncharacter_Code_Point}]/u;
// What RFC 3986 allows nowhere. Letters beyond ASCII are let through: binary mode undoes the escapes that a sender had in
// it already, and several SDKs send them so.
const notInUri = /[\s"<>\\^`{|}]/;
const jsonType = /^[\w.+-]+\/([\w.+-]+\+)?json\s*(;.*)?$/i;
const known = new Set(['specversion', 'id', 'source', 'type', 'time', 'subject', 'datacontenttype', 'dataschema']);
// What the exchange alone says of an event; a publisher's own claim is not passed on.
const reserved = ['publisher', 'recordedtime', 'schemaversion', 'digest'] as const;
type Reserved = (typeof reserved)[number];

/**
 * A structured CloudEvent 1.0 as the bus takes it: JSON `data` that is an object, and the extension `dataset`.
 *
 * Shape: `tombstone` may come as text, as binary mode has it; false is as if it were not there.
 * Errors: `Invalid` `event.invalid` with one fault for each wrong attribute (pointer and rule, never the value).
 */
export function parseCloudEvent(value: unknown): PublishedEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid([{ pointer: '', code: 'type', detail: 'an event must be an object' }]);
  if (Object.keys(value).length > maxAttributes + 1)
    throw invalid([{ pointer: '', code: 'attributes', detail: `more than ${maxAttributes} attributes` }]);
  const event = inOneForm(value as Record<string, unknown>);
  const faults: Fault[] = [];
  for (const name of Object.keys(event))
    if (name !== 'data') {
      const found = attributeFaults(name, event[name]);
      if (found.length > 0) faults.push(...found);
    }
  for (const name of ['specversion', 'id', 'source', 'type', 'dataset'])
    if (event[name] === undefined) faults.push({ pointer: `/${name}`, code: 'required', detail: 'is required' });
  if (typeof event.data !== 'object' || event.data === null || Array.isArray(event.data))
    faults.push({ pointer: '/data', code: 'type', detail: 'must be an object' });
  if (faults.length === 0 && Buffer.byteLength(`${String(event.source)}${String(event.id)}`) > maxIdentityBytes)
    faults.push({ pointer: '/id', code: 'length', detail: `with the source longer than ${maxIdentityBytes} bytes` });
  if (faults.length > 0) throw invalid(faults.slice(0, 20));
  return event as PublishedEvent;
}

// One form of what the bus itself reads, whatever mode an event came in. Attributes with null are as if absent
// (CloudEvents JSON format 1.0.2, 3.1); most events have none and stay as they are.
function inOneForm(event: Record<string, unknown>): Record<string, unknown> {
  const isAbsent = (name: string): boolean => name !== 'data' && event[name] === null;
  const names = Object.keys(event);
  if (event.tombstone === undefined && !names.some(isAbsent)) return event;
  const formed = Object.fromEntries(names.filter((name) => !isAbsent(name)).map((name) => [name, event[name]]));
  if (formed.tombstone === 'true') formed.tombstone = true;
  if (formed.tombstone === false || formed.tombstone === 'false') delete formed.tombstone;
  return formed;
}

const invalid = (faults: Fault[]): Invalid =>
  new Invalid('event.invalid', 'not a CloudEvent 1.0 that the bus takes', { faults });

function attributeFaults(name: string, value: unknown): Fault[] {
  if (!attributeName.test(name))
    return [{ pointer: '', code: 'attribute-name', detail: 'attribute names are 1 to 20 characters of a-z and 0-9' }];
  const fault = (code: string, detail: string): Fault[] => [{ pointer: `/${name}`, code, detail }];
  if (name === 'tombstone') return value === true ? [] : fault('type', 'must be a boolean');
  const isExtension = !known.has(name) && name !== 'dataset';
  if (isExtension) {
    const found = extensionFault(name, value);
    if (found) return fault(found.code, found.detail);
    if (typeof value === 'boolean' || isInteger(value)) return [];
  }
  if (typeof value !== 'string') return fault('type', 'must be a string');
  if (forbiddenCharacter.test(value)) return fault('characters', 'has control characters');
  return isExtension ? [] : contextFaults(name, value, fault);
}

/** An Integer of CloudEvents: 32 bits with their sign. */
const isInteger = (value: unknown): boolean =>
  Number.isInteger(value) && Number(value) >= -(2 ** 31) && Number(value) < 2 ** 31;

function contextFaults(name: string, value: string, fault: (code: string, detail: string) => Fault[]): Fault[] {
  if (value === '') return fault('empty', 'must not be empty');
  if (name === 'specversion' && value !== '1.0') return fault('specversion', 'must be `1.0`');
  if (name === 'dataset' && !isSlug(value)) return fault('dataset', 'must be the id of a dataset');
  if (name === 'source' && notInUri.test(value)) return fault('source', 'must be a URI reference');
  if (name === 'time' && !isTime(value)) return fault('time', 'must be a time of RFC 3339');
  if (name === 'datacontenttype' && !jsonType.test(value)) return fault('datacontenttype', 'must be a JSON media type');
  if (value.length > maxAttributeLength) return fault('length', `longer than ${maxAttributeLength} characters`);
  return [];
}

/**
 * The schema version that `dataschema` asks for; undefined when the event leaves it to the bus.
 *
 * Errors: `Invalid` `event.invalid` unless it reads `urn:govbus:<dataset>:<version>` for the event's own dataset.
 */
export function askedSchemaVersion(event: PublishedEvent): number | undefined {
  if (event.dataschema === undefined) return undefined;
  const [, dataset, version] = /^urn:govbus:([a-z0-9-]+):(\d{1,9})$/.exec(event.dataschema) ?? [];
  if (dataset === event.dataset && version !== undefined) return Number(version);
  const detail = 'must be `urn:govbus:<dataset>:<version>` of the dataset of the event';
  throw invalid([{ pointer: '/dataschema', code: 'dataschema', detail }]);
}

/**
 * The text for `bus.events`: the publisher's event, whose canonical text is given, and what the exchange knows of it in
 * the reserved names.
 */
export function busText(event: PublishedEvent, canonical: string, facts: Pick<BusEvent, Reserved>): string {
  if (reserved.some((name) => event[name] !== undefined)) return JSON.stringify({ ...event, ...facts });
  return `${canonical.slice(0, -1)},${JSON.stringify(facts).slice(1)}`;
}

/**
 * What the digest of an event is taken of: its canonical text, in the form that it has whatever mode it came in. Headers
 * know only strings, and one mode must name the JSON that another leaves unsaid.
 *
 * INVARIANT: the text of an event of strings without `datacontenttype` is as it is, since digests are kept.
 */
export function digestedText(event: PublishedEvent, canonical: string): string {
  let text = canonical;
  for (const name of Object.keys(event)) {
    const value = event[name];
    // Any other than JSON is refused; `dataset` stands behind it.
    if (name === 'datacontenttype') text = replaced(text, name, `${JSON.stringify(value)},`, '');
    else if (typeof value === 'number' || (typeof value === 'boolean' && name !== 'tombstone'))
      text = replaced(text, name, String(value), `"${name}":"${String(value)}"`);
  }
  return text;
}

// INVARIANT: names stand in their order and no string of an attribute holds a bare quote, so that the first, or behind
// `data` the last, of this name is the attribute and nothing inside of `data`.
function replaced(canonical: string, name: string, value: string, by: string): string {
  const member = `"${name}":`;
  const at = name < 'data' ? canonical.indexOf(member) : canonical.lastIndexOf(member);
  return canonical.slice(0, at) + by + canonical.slice(at + member.length + value.length);
}
