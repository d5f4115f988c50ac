import type { IncomingHttpHeaders } from 'node:http';
/** How a request carries events: one as JSON, many as JSON, one in headers and body, one a line. */
export type ContentMode = 'structured' | 'batch' | 'binary' | 'stream';
export declare const structuredType = "application/cloudevents+json";
export declare const batchType = "application/cloudevents-batch+json";
export declare const streamTypes: string[];
/** Any media type of JSON, which in binary mode is the type of the data. */
export declare const anyJsonType: RegExp;
/**
 * The mode of a request by its content type, in any case and with parameters. `application/json` is taken for a
 * structured event too, unless one of the headers that binary mode requires is there.
 *
 * Errors: `EdgeError` 415 `media-type.unsupported`.
 * Source: CloudEvents HTTP Protocol Binding 1.0.2, section 3.
 */
export declare function modeOf(headers: IncomingHttpHeaders): ContentMode;
//# sourceMappingURL=content-mode.d.ts.map