import { isUtf8 } from 'node:buffer';
import { type Fault, Invalid } from '@govbus/contracts';

const quoted = /^"((?:[^"\\]|\\.)*)"$/;
const escapes = /(?:%[0-9a-f]{2})+/gi;
const isAscii = (text: string): boolean => Buffer.byteLength(text) === text.length;

/**
 * The attributes that the `ce-` headers of a request carry, all of them strings; `datacontenttype` is its content type.
 *
 * Shape: `rawHeaders` as Node gives them, names and values in turn, a character for each byte.
 * Errors: `Invalid` `event.invalid` with a fault for each header that cannot be read.
 * Source: CloudEvents HTTP Protocol Binding 1.0.2, section 3.1.
 */
export function attributesOf(rawHeaders: string[]): Record<string, string> {
  const attributes = new Map<string, string>();
  const faults: Fault[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const header = (rawHeaders[i] ?? '').toLowerCase();
    const value = rawHeaders[i + 1] ?? '';
    if (header === 'content-type') attributes.set('datacontenttype', value);
    if (!header.startsWith('ce-')) continue;
    const name = header.slice('ce-'.length);
    const fault = (code: string, detail: string) => faults.push({ pointer: `/${name}`, code, detail });
    const text = headerText(value);
    if (['datacontenttype', 'data', 'data_base64'].includes(name)) fault('header', 'must not come as a header');
    else if (attributes.has(name)) fault('duplicate', 'comes more than once');
    else if (text === undefined) fault('encoding', 'is not UTF-8');
    else attributes.set(name, text);
  }
  if (faults.length > 0)
    throw new Invalid('event.invalid', 'not a CloudEvent 1.0 that the bus takes', { faults: faults.slice(0, 20) });
  return Object.fromEntries(attributes);
}

/**
 * The text of a header value: bytes as UTF-8 where they are that, quotes undone, then one round of percent-decoding.
 * A `%` without two hexadecimal digits is itself: several SDKs send it so. Undefined when escapes are not UTF-8.
 */
export function headerText(value: string): string | undefined {
  const text = utf8Of(value);
  const inner = quoted.exec(text)?.[1]?.replace(/\\(.)/g, '$1') ?? text;
  let isText = true;
  const decoded = inner.replace(escapes, (run) => {
    const bytes = Buffer.from(run.replaceAll('%', ''), 'hex');
    isText &&= isUtf8(bytes);
    return bytes.toString('utf8');
  });
  return isText ? decoded : undefined;
}

function utf8Of(value: string): string {
  if (isAscii(value)) return value;
  const bytes = Buffer.from(value, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : value;
}
