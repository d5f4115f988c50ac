import { type BusEvent } from '@govbus/contracts';
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
export declare const maxAttributeLength = 512;
/** Longest `source` and `id` together, in bytes of UTF-8: they share one entry of an index. */
export declare const maxIdentityBytes = 2048;
declare const reserved: readonly ['publisher', 'recordedtime', 'schemaversion', 'digest'];
type Reserved = (typeof reserved)[number];
/**
 * A structured CloudEvent 1.0 as the bus takes it: JSON `data` that is an object, and the extension `dataset`.
 *
 * Shape: `tombstone` may come as text, as binary mode has it; false is as if it were not there.
 * Errors: `Invalid` `event.invalid` with one fault for each wrong attribute (pointer and rule, never the value).
 */
export declare function parseCloudEvent(value: unknown): PublishedEvent;
/**
 * The schema version that `dataschema` asks for; undefined when the event leaves it to the bus.
 *
 * Errors: `Invalid` `event.invalid` unless it reads `urn:govbus:<dataset>:<version>` for the event's own dataset.
 */
export declare function askedSchemaVersion(event: PublishedEvent): number | undefined;
/**
 * The text for `bus.events`: the publisher's event, whose canonical text is given, and what the exchange knows of it in
 * the reserved names.
 */
export declare function busText(event: PublishedEvent, canonical: string, facts: Pick<BusEvent, Reserved>): string;
export {};
//# sourceMappingURL=cloud-event.d.ts.map