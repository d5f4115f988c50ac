/**
 * The text of a PostgreSQL array of texts, to be given as one parameter: the driver's own way through an array needs
 * three times as long and ten times the memory (bench `ledger`).
 *
 * Source: PostgreSQL 18, section 8.15.6 (Array Input and Output Syntax).
 */
export declare function textArray(values: readonly (string | null)[]): string;
/** The same of numbers. */
export declare const numberArray: (values: readonly number[]) => string;
//# sourceMappingURL=array-text.d.ts.map