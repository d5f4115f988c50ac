import { type TermsV1 } from '@govbus/contracts';
export type Scalar = string | number | boolean | null;
/** A record is wanted whose value at `pointer` is `value`. */
export type Condition = {
    pointer: string;
    value: Scalar;
};
/** What is asked for: the record under a key, or those that meet all conditions. */
export type Question = {
    key: string;
} | {
    where: Condition[];
};
/** The question in a request of unknown shape. Errors: `Invalid` `query.invalid`, with the places. */
export declare function readQuestion({ key, where }: {
    key?: string | null;
    where?: unknown;
}): Question;
/**
 * Refuses conditions on what the terms do not grant. A field that is not granted and one that does not exist are
 * refused alike. Errors: `Invalid` `query.field-not-granted`.
 */
export declare function requireGranted(conditions: Condition[], terms: TermsV1): void;
/**
 * Whether the terms show a field as it is. A key that they hide cannot be asked for: the answer would tell to which
 * hidden value a record belongs.
 */
export declare function isShownPlain(pointer: string, terms: TermsV1): boolean;
/**
 * Whether a record meets all conditions, asked of what the lens left of it: a masked field is compared as it is shown,
 * so that a query tells nothing that its answer would not. What is missing is null.
 */
export declare const meets: (shown: unknown, conditions: Condition[]) => boolean;
/** The value that conditions ask of a field, as text; undefined when they ask for none. */
export declare function askedOf(conditions: Condition[], pointer: string): string | undefined;
//# sourceMappingURL=query.rules.d.ts.map