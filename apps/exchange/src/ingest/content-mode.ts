import type { IncomingHttpHeaders } from 'node:http';
import { EdgeError } from '@govbus/platform';

/** How a request carries events: one as JSON, many as JSON, one in headers and body, one a line. */
export type ContentMode = 'structured' | 'batch' | 'binary' | 'stream';

export const structuredType = 'application/cloudevents+json';
export const batchType = 'application/cloudevents-batch+json';
export const streamTypes = ['application/x-ndjson', 'application/jsonl'];
/** Any media type of JSON, which in binary mode is the type of the data. */
export const anyJsonType = /^[^;]*[/+]json\s*(;|$)/i;

const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i;

/**
 * The mode of a request by its content type, in any case and with parameters. `application/json` is taken for a
 * structured event too, unless one of the headers that binary mode requires is there.
 *
 * Errors: `EdgeError` 415 `media-type.unsupported`.
 * Source: CloudEvents HTTP Protocol Binding 1.0.2, section 3.
 */
export function modeOf(headers: IncomingHttpHeaders): ContentMode {
  const value = headers['content-type'] ?? '';
  if (value === structuredType) return 'structured';
  const named = charset.exec(value)?.[1];
  if (named !== undefined && !/^(utf-?8|us-ascii)$/i.test(named))
    throw new EdgeError(415, 'media-type.unsupported', 'the body must be UTF-8');
  const type = value.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (streamTypes.includes(type)) return 'stream';
  // The batch first: it begins with the structured prefix as well.
  if (type === batchType) return 'batch';
  if (type === structuredType) return 'structured';
  if (type.startsWith('application/cloudevents'))
    throw new EdgeError(415, 'media-type.unsupported', 'events are taken in the JSON format');
  if (anyJsonType.test(type)) {
    if (isBinary(headers)) return 'binary';
    if (type === 'application/json') return 'structured';
  }
  throw new EdgeError(
    415,
    'media-type.unsupported',
    'neither an event, a batch or a stream, nor JSON with `ce-` headers',
  );
}

const isBinary = (headers: IncomingHttpHeaders): boolean =>
  headers['ce-specversion'] !== undefined ||
  headers['ce-id'] !== undefined ||
  headers['ce-source'] !== undefined ||
  headers['ce-type'] !== undefined;
