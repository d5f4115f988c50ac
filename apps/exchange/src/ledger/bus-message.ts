import { type BusEvent, isSlug } from '@govbus/contracts';
import type { RawMessage } from '@govbus/messaging';
import { maxIdentityBytes } from '../ingest/cloud-event';
import type { Chunks } from './chunks';

/** A message of `bus.events` as the ledger writes it. */
export type LedgerEvent = {
  datasetId: string;
  source: string;
  eventId: string;
  type: string;
  publisher: string;
  recordedAt: string;
  /** 0 for a tombstone. */
  schemaVersion: number;
  digest: string;
  /** The publisher's other attributes, as JSON text in UTF-8. */
  attributes: Buffer;
  /** The payload, likewise. */
  data: Buffer;
  /** The key of the record, as far as its dataset is known to whoever reads. */
  key: string | null;
};

/** Why a message can never be written; a reason without any of its content. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/**
 * The ledger's event in a raw message; its key is what `keyOf` finds in the payload. Nothing long is kept in the heap,
 * where it would outlive several collections while the batch is written (bench `ledger`): it goes to `texts`.
 *
 * Errors: `Unreadable` for whatever the ingest would not have sent: such a message is parked, never retried.
 */
export function readBusMessage(
  message: RawMessage,
  keyOf: (datasetId: string, data: object) => string | null,
  texts: Chunks,
): LedgerEvent {
  if (message.value === null) throw new Unreadable('no value');
  let event: Partial<BusEvent> | null;
  try {
    event = JSON.parse(message.value.toString('utf8')) as Partial<BusEvent> | null;
  } catch {
    throw new Unreadable('not JSON');
  }
  if (typeof event !== 'object' || event === null || Array.isArray(event)) throw new Unreadable('not an object');
  const { id, source, type, dataset, publisher, recordedtime, schemaversion, digest, data, ...rest } = event;
  if (!isText(id) || !isText(source) || !isText(type) || !isText(publisher))
    throw new Unreadable('`id`, `source`, `type` or `publisher` is missing or unfit');
  if (Buffer.byteLength(source + id) > maxIdentityBytes) throw new Unreadable('`source` and `id` are too long');
  if (!isSlug(dataset)) throw new Unreadable('`dataset` is missing or unfit');
  const recordedAt = isText(recordedtime) ? timeOf(recordedtime) : undefined;
  if (recordedAt === undefined) throw new Unreadable('`recordedtime` is no time');
  const isTombstone = rest.tombstone === true && schemaversion === 0;
  if (!isTombstone && !isPositive32(schemaversion)) throw new Unreadable('no `schemaversion`');
  if (typeof digest !== 'string' || !/^[0-9a-f]{64}$/.test(digest)) throw new Unreadable('`digest` is no SHA-256');
  if (typeof data !== 'object' || data === null || Array.isArray(data)) throw new Unreadable('`data` is no object');
  return {
    datasetId: dataset,
    source,
    eventId: id,
    type,
    publisher,
    recordedAt,
    schemaVersion: schemaversion,
    digest,
    attributes: texts.text(JSON.stringify(rest)),
    data: texts.text(JSON.stringify(data)),
    key: keyOf(dataset, data),
  };
}

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && !value.includes('\u0000');
// A year of RFC 3339 has four digits.
function timeOf(text: string): string | undefined {
  const ms = Date.parse(text);
  const iso = Number.isFinite(ms) ? new Date(ms).toISOString() : '';
  return /^\d{4}-/.test(iso) ? iso : undefined;
}
const isPositive32 = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 2 ** 31 - 1;
