type Attributes = {
    [attribute: string]: string;
};
/**
 * A condition over a delivered event.
 *
 * Source: CloudEvents Subscriptions 0.1-wip, dialects `exact`, `prefix`, `suffix`, `all`, `any`, `not`, `sql`.
 */
export type EventFilter = {
    exact: Attributes;
} | {
    prefix: Attributes;
} | {
    suffix: Attributes;
} | {
    all: EventFilter[];
} | {
    any: EventFilter[];
} | {
    not: EventFilter;
} | {
    sql: string;
};
/**
 * The filters of a request, in their own order.
 *
 * Errors: `Invalid` `filter.invalid` with a pointer below `pointer`: an unknown dialect, a bad shape, more than 100
 *   filters in all or more than 8 levels.
 */
export declare function readFilters(value: unknown, pointer: string): EventFilter[];
/**
 * What filters may see of a delivered event: the attributes of the bus's own envelope, and the top-level scalar fields
 * of its data as the lens left them, under their names in lower case. An attribute goes before a field of its name.
 */
export declare function visibleTo(event: object): Map<string, string>;
/** Whether all filters hold; none at all hold. */
export declare const passes: (filters: readonly EventFilter[], visible: Map<string, string>) => boolean;
export {};
//# sourceMappingURL=filters.rules.d.ts.map