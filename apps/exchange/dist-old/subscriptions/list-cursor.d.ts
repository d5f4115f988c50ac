/** Where a list goes on that is sorted by a time and an id. */
export type ListCursor = {
    at: string;
    id: string;
};
/**
 * The time and the id in a cursor; undefined without one.
 *
 * Errors: `Invalid` `cursor.invalid` when it holds anything else.
 */
export declare function readListCursor(cursor: string | undefined): ListCursor | undefined;
//# sourceMappingURL=list-cursor.d.ts.map