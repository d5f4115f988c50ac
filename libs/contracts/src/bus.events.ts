/** The topic of the events that were accepted. */
export const BUS_TOPIC = 'bus.events';
/** Largest event, in bytes of its JSON; larger payloads belong behind a link. */
export const maxEventBytes = 256 * 1024;
/** Deepest nesting of an event's JSON. */
export const maxEventDepth = 32;
/** Most events in one batch request. */
export const maxBatchEvents = 1000;

/**
 * An accepted event on `bus.events` (key: `dataset`): the publisher's CloudEvent and what the exchange knows of it.
 *
 * Shape: CloudEvents 1.0 structured JSON; the extension `dataset` is the publisher's, and `publisher`, `recordedtime`,
 * `schemaversion` and `digest` are set by the exchange alone and override whatever the publisher sent under these names.
 */
export type BusEvent = {
  specversion: '1.0';
  id: string;
  source: string;
  type: string;
  time?: string;
  subject?: string;
  datacontenttype?: string;
  dataschema?: string;
  data: unknown;
  /** The dataset it belongs to. */
  dataset: string;
  /** `principalId` of the system that published it. */
  publisher: string;
  /** When the exchange took it, ISO 8601 UTC. */
  recordedtime: string;
  /** True: the record under the key in `data` is removed. */
  tombstone?: true;
  /** Schema version its `data` was checked against; 0 for a tombstone, of which only the key is checked. */
  schemaversion: number;
  /**
   * SHA-256 of the canonical JSON (RFC 8785) of the publisher's event, without `datacontenttype` and with integers and
   * booleans of extensions as texts, hex: tells a duplicate, in whatever mode it was sent, from a conflict.
   */
  digest: string;
  traceparent?: string;
};

/** What a consumer receives: an envelope of the bus's own, so that nothing ungranted rides along in the publisher's. */
export type DeliveredEvent = {
  specversion: '1.0';
  /** Position in the dataset's ledger, dense from 1; with `source` the identity of the event. */
  id: string;
  /** `/datasets/<datasetId>` */
  source: string;
  /** A record as it is shared, or that one shared before was removed: `data` holds its key then, as far as it is granted. */
  type: 'exchange.record-shared.v1' | 'exchange.record-removed.v1';
  time: string;
  datacontenttype: 'application/json';
  sequence: string;
  data: unknown;
};
