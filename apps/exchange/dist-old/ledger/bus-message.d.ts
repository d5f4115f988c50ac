import type { RawMessage } from '@govbus/messaging';
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
    data: unknown;
    dataText: string;
};
/** Why a message can never be written; a reason without any of its content. */
export declare class Unreadable extends Error {
    readonly name = "Unreadable";
}
/**
 * The ledger's event in a raw message.
 *
 * Errors: `Unreadable` for whatever the ingest would not have sent: such a message is parked, never retried.
 */
export declare function readBusMessage(message: RawMessage): LedgerEvent;
//# sourceMappingURL=bus-message.d.ts.map