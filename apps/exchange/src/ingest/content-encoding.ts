import { promisify } from 'node:util';
import { brotliDecompress, createBrotliDecompress, createGunzip, createInflate, gunzip, inflate } from 'node:zlib';
import type { Transform } from 'node:stream';
import { Invalid } from '@govbus/contracts';
import { EdgeError } from '@govbus/platform';

type Whole = (body: Buffer, bound: { maxOutputLength: number }) => Promise<Buffer>;
type Decoder = { whole: Whole; stream: () => Transform };

const gzip: Decoder = { whole: promisify(gunzip), stream: () => createGunzip() };
const decoders = new Map<string, Decoder>([
  ['gzip', gzip],
  ['x-gzip', gzip],
  ['deflate', { whole: promisify(inflate), stream: () => createInflate() }],
  ['br', { whole: promisify(brotliDecompress), stream: () => createBrotliDecompress() }],
]);

/**
 * What undoes a `Content-Encoding`; undefined where there is none to undo.
 *
 * Errors: `EdgeError` 415 `media-type.unsupported`, also for more than one encoding, with what is taken.
 */
export function decoderOf(encoding: string | undefined): Decoder | undefined {
  const name = encoding?.trim().toLowerCase();
  if (name === undefined || name === '' || name === 'identity') return undefined;
  const decoder = decoders.get(name);
  if (decoder) return decoder;
  const detail = 'the body may be compressed with gzip, deflate or br, once';
  throw new EdgeError(415, 'media-type.unsupported', detail, { 'accept-encoding': 'gzip, deflate, br' });
}

/**
 * The body that a compressed one holds; inflating ends at `bound` bytes.
 *
 * Errors: `EdgeError` 413 `body.too-large`; `Invalid` `body.malformed` for what is cut off or not of that encoding.
 */
export async function inflated(body: Buffer, encoding: string | undefined, bound: number): Promise<Buffer> {
  const decoder = decoderOf(encoding);
  if (!decoder) return body;
  try {
    return await decoder.whole(body, { maxOutputLength: bound });
  } catch (error) {
    throw inflateError(error);
  }
}

/** The refusal that an error of a decoder means. */
export function inflateError(error: unknown): EdgeError | Invalid {
  if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
    return new EdgeError(413, 'body.too-large', 'the body inflates to more than this route takes');
  return new Invalid('body.malformed', 'the body is not what its content-encoding says', { cause: error });
}
