/**
 * The JSON value of a request body.
 *
 * Errors: `Invalid` `body.malformed`, with the position where the parser knows it; never a piece of the body.
 */
export declare function parseBody(body: Buffer): unknown;
/**
 * Refuses what JSON allows and the bus cannot keep unchanged: nesting beyond `maxEventDepth`, members called
 * `__proto__`, U+0000 (PostgreSQL has no place for it), lone surrogates and numbers that JavaScript would round.
 *
 * Errors: `Invalid` `body.too-deep`; `Invalid` `event.invalid` with a fault.
 */
export declare function refuseUnkeepable(value: unknown, pointer?: string, depth?: number): void;
//# sourceMappingURL=strict-json.d.ts.map