/** The value at an RFC 6901 pointer below `root`; undefined when it is not there. */
export declare function valueAt(root: unknown, pointer: string): unknown;
/** A record with nothing but the value at `pointer`; empty when there is none. Elements of arrays before it are null. */
export declare function onlyAt(root: unknown, pointer: string): unknown;
/** A key found in a record as text; undefined unless it is a non-empty string, a number or a boolean. */
export declare function keyAt(root: unknown, pointer: string): string | undefined;
//# sourceMappingURL=pointer.d.ts.map