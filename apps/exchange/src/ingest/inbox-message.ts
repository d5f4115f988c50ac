import { isUtf8 } from 'node:buffer';
import { type Fault, Invalid, maxEventBytes } from '@govbus/contracts';
import { type HeadedMessage, UNREADABLE_BATCH } from '@govbus/messaging';
import { EdgeError } from '@govbus/platform';
import { anyJsonType } from './content-mode';
import { parseBody } from './strict-json';

const attributePrefix = 'ce_';

/**
 * The CloudEvent that a message of an inbox carries, to be checked like the body of a request: structured by its content
 * type, or without one; binary where `ce_` headers stand beside a JSON type.
 *
 * Errors: `EdgeError` 413 `body.too-large`, 415 `media-type.unsupported`; `Invalid` `body.malformed`, `event.invalid`.
 * Source: CloudEvents Kafka Protocol Binding 1.0.2, section 3.
 */
export function eventIn({ value, headers }: HeadedMessage): unknown {
  if (headers.some(([name]) => name === UNREADABLE_BATCH))
    throw new Invalid('body.malformed', 'the batch that it came in cannot be undone, or holds too much');
  if ((value?.length ?? 0) > maxEventBytes)
    throw new EdgeError(413, 'body.too-large', `an event is at most ${maxEventBytes} bytes`);
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1].toString('utf8') ?? '';
  const media = type.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (media.startsWith('application/cloudevents')) {
    if (media !== 'application/cloudevents+json') throw unsupported('a message holds one event, in the JSON format');
    return parseBody(value ?? Buffer.alloc(0));
  }
  const isBinary = headers.some(([name]) => name.startsWith(attributePrefix));
  if (!isBinary && (media === '' || media === 'application/json')) return parseBody(value ?? Buffer.alloc(0));
  if (!isBinary || (media !== '' && !anyJsonType.test(media)))
    throw unsupported('neither an event as JSON, nor JSON with `ce_` headers');
  const attributes = attributesOf(headers);
  if (type !== '') attributes.datacontenttype = type;
  // No value is no data: the event is refused for that, with all that is wrong with it besides.
  return value === null ? attributes : { ...attributes, data: parseBody(value) };
}

const unsupported = (detail: string): EdgeError => new EdgeError(415, 'media-type.unsupported', detail);

function attributesOf(headers: HeadedMessage['headers']): Record<string, string> {
  const attributes = new Map<string, string>();
  const faults: Fault[] = [];
  for (const [header, value] of headers) {
    if (!header.startsWith(attributePrefix)) continue;
    const name = header.slice(attributePrefix.length);
    const fault = (code: string, detail: string) => faults.push({ pointer: `/${name}`, code, detail });
    if (['datacontenttype', 'data', 'data_base64'].includes(name)) fault('header', 'must not come as a header');
    else if (attributes.has(name)) fault('duplicate', 'comes more than once');
    else if (!isUtf8(value)) fault('encoding', 'is not UTF-8');
    else attributes.set(name, value.toString('utf8'));
  }
  if (faults.length > 0)
    throw new Invalid('event.invalid', 'not a CloudEvent 1.0 that the bus takes', { faults: faults.slice(0, 20) });
  return Object.fromEntries(attributes);
}

// What a rejected message holds at most, in bytes: the topic takes 1 MiB.
const [maxKeptValue, maxKeptHeaders, maxKeptFaults] = [900 * 1024, 32 * 1024, 16 * 1024];

/**
 * A refused message as its sender finds it again: same key, value and headers, and the reason in headers of their own.
 * What is larger than a topic takes is left out; `origin-partition` and `origin-offset` say where it stands.
 */
export function rejectedCopy(topic: string, partition: number, message: HeadedMessage, reason: RejectionReason) {
  const { key, value, headers, offset } = message;
  const size = headers.reduce((sum, [name, header]) => sum + name.length + header.length, key?.length ?? 0);
  const fits = size <= maxKeptHeaders;
  return {
    topic: `${topic}.rejected`,
    key: fits ? key : null,
    value: value === null || value.length > maxKeptValue ? null : value,
    headers: {
      ...(fits ? Object.fromEntries(headers) : {}),
      code: reason.code,
      detail: reason.detail,
      ...(reason.faults && { faults: faultsText(reason.faults) }),
      'origin-partition': String(partition),
      'origin-offset': String(offset),
    },
  };
}

// Those for which there is room: a pointer may be as long as the names of an event.
function faultsText(faults: Fault[]): string {
  let left = maxKeptFaults;
  const kept = faults.filter((fault) => {
    const bytes = Buffer.byteLength(JSON.stringify(fault)) + 1;
    if (bytes > left) return false;
    left -= bytes;
    return true;
  });
  return JSON.stringify(kept);
}

/** Why a message was refused; nothing of what it holds. */
export type RejectionReason = { code: string; detail: string; faults?: Fault[] };
