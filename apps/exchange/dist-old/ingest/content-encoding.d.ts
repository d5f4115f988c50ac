import type { Transform } from 'node:stream';
import { Invalid } from '@govbus/contracts';
import { EdgeError } from '@govbus/platform';
type Whole = (body: Buffer, bound: {
    maxOutputLength: number;
}) => Promise<Buffer>;
type Decoder = {
    whole: Whole;
    stream: () => Transform;
};
/**
 * What undoes a `Content-Encoding`; undefined where there is none to undo.
 *
 * Errors: `EdgeError` 415 `media-type.unsupported`, also for more than one encoding, with what is taken.
 */
export declare function decoderOf(encoding: string | undefined): Decoder | undefined;
/**
 * The body that a compressed one holds; inflating ends at `bound` bytes.
 *
 * Errors: `EdgeError` 413 `body.too-large`; `Invalid` `body.malformed` for what is cut off or not of that encoding.
 */
export declare function inflated(body: Buffer, encoding: string | undefined, bound: number): Promise<Buffer>;
/** The refusal that an error of a decoder means. */
export declare function inflateError(error: unknown): EdgeError | Invalid;
export {};
//# sourceMappingURL=content-encoding.d.ts.map