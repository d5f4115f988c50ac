import { type BusEvent, isSlug } from '@govbus/contracts';
import type { RawMessage } from '@govbus/messaging';
import { maxIdentityBytes } from '../ingest/cloud-event';

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
  /** The publisher's other attributes and the payload, as JSON text. */
  attributes: string;
  /** The payload, as JSON text. */
  data: string;
  /** The key of the record, as far as its dataset is known to whoever reads. */
  key: string | null;
};

/** Why a message can never be written; a reason without any of its content. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/**
 * The ledger's event in a raw message; its key is what `keyOf` finds in the payload, which is not kept as an object: it
 * would outlive several collections of the heap while the batch is written (bench `ledger`).
 *
 * Errors: `Unreadable` for whatever the ingest would not have sent: such a message is parked, never retried.
 */
export function readBusMessage(
  message: RawMessage,
  keyOf: (datasetId: string, data: object) => string | null,
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
  if (!isText(recordedtime) || !Number.isFinite(Date.parse(recordedtime)))
    throw new Unreadable('`recordedtime` is no time');
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
    recordedAt: new Date(recordedtime).toISOString(),
    schemaVersion: schemaversion,
    digest,
    attributes: JSON.stringify(rest),
    data: JSON.stringify(data),
    key: keyOf(dataset, data),
  };
}

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && !value.includes('\u0000');
const isPositive32 = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 2 ** 31 - 1;
