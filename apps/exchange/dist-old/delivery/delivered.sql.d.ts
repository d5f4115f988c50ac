/**
 * What a confirmed page changes of a subscription: `positions` of it were delivered, each counted once however often it
 * goes out, and everything from behind `after` to `through` is passed. Parameters of the statement, such as `$3`.
 */
export declare const delivered: (after: string, through: string, positions: string) => string;
//# sourceMappingURL=delivered.sql.d.ts.map