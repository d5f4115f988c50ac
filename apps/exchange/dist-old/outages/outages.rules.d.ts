/** A planned outage of a consumer: from a time on until another, half-open. */
export type Window = {
    from: Date;
    until: Date;
};
/**
 * Whether an outage may be announced at `now`.
 *
 * Errors: `Invalid` `outage.window` unless it ends after it begins, ends in the future and lasts 31 days at most.
 */
export declare function checkWindow({ from, until }: Window, now: Date): void;
//# sourceMappingURL=outages.rules.d.ts.map