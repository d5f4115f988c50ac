/** What is wrong with an expression, for its author. */
export declare class CesqlFault extends Error {
}
type Visible = ReadonlyMap<string, string>;
/**
 * A condition in CESQL over what filters see of an event; true only when its value is the boolean true and no error arose.
 *
 * Shape: comparisons, `AND` `OR` `XOR` `NOT`, `LIKE`, `IN`, `EXISTS`, arithmetic and the functions of the standard.
 *   `AND`, `OR` and `XOR` next to each other need parentheses, because text and grammar of the standard differ there.
 *   Names are those that filters see, so that fields of `data` count as attributes; names may hold `_`.
 * Errors: `CesqlFault` for what does not parse, an unknown function, more than 2,000 characters or 16 levels.
 * Source: CloudEvents SQL Expression Language 1.0.0.
 */
export declare function compileCesql(expression: string): (visible: Visible) => boolean;
export {};
//# sourceMappingURL=cesql.rules.d.ts.map