/** A value of CESQL: attributes are strings, and cast where an operator wants something else. */
export type Value = string | number | boolean;
/** Any error of an evaluation: a filter in which one arises does not hold. */
export declare class CesqlError extends Error {
}
export declare function toInteger(value: Value): number;
export declare function toBoolean(value: Value): boolean;
/** The text of a value; of booleans in lower case. */
export declare const toText: StringConstructor;
/** Whether `left`, as the type of `right`, is the same; what cannot be cast is an error. */
export declare function equals(left: Value, right: Value): boolean;
/** An integer of 32 bits with its sign; other results are errors. */
export declare function inRange(value: number): number;
export declare const arithmetic: Record<string, (a: number, b: number) => number>;
export declare const comparisons: Record<string, (a: Value, b: Value) => boolean>;
type Call = {
    min: number;
    max: number;
    of: (...values: Value[]) => Value;
};
/** The functions, by their names in upper case. */
export declare const functions: Map<string, Call>;
/** Characters of the longest pattern. */
export declare const maxPattern = 200;
/**
 * A pattern of `LIKE`: `%` any characters, `_` one, `\%` and `\_` themselves; the whole text. INVARIANT: never more steps
 * than the text and the pattern multiplied, and both are bounded.
 */
export declare function likeMatcher(pattern: string): (value: string) => boolean;
export {};
//# sourceMappingURL=cesql-values.rules.d.ts.map