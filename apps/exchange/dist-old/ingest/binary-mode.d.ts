/**
 * The attributes that the `ce-` headers of a request carry, all of them strings; `datacontenttype` is its content type.
 *
 * Shape: `rawHeaders` as Node gives them, names and values in turn, a character for each byte.
 * Errors: `Invalid` `event.invalid` with a fault for each header that cannot be read.
 * Source: CloudEvents HTTP Protocol Binding 1.0.2, section 3.1.
 */
export declare function attributesOf(rawHeaders: string[]): Record<string, string>;
/**
 * The text of a header value: bytes as UTF-8 where they are that, quotes undone, then one round of percent-decoding.
 * A `%` without two hexadecimal digits is itself: several SDKs send it so. Undefined when escapes are not UTF-8.
 */
export declare function headerText(value: string): string | undefined;
//# sourceMappingURL=binary-mode.d.ts.map