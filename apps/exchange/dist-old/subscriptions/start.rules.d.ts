import type { ApiPropertyOptions } from '@nestjs/swagger';
/** From where events are wanted: all, only new ones, from a position on, or from the first recorded at a time on. */
export type Start = 'beginning' | 'now' | {
    position: number;
} | {
    time: string;
};
/** How a start looks in the interface description. */
export declare const startSchema: ApiPropertyOptions;
/**
 * A start as a request gave it.
 *
 * Errors: `Invalid` `request.invalid` with `pointer` when it is none.
 */
export declare function readStart(value: unknown, pointer: string): Start;
/**
 * The position after which delivery goes on.
 *
 * Errors: `Invalid` `position.beyond-head`: the next event to come is the last that may be asked for.
 */
export declare function positionBefore(start: Exclude<Start, {
    time: string;
}>, head: number): number;
type Progress = {
    ackedPosition: number;
    disclosedPosition: number;
    heldFrom: number | null;
    replays: number;
    version: number;
};
/** Up to where everything is done with: what is held is not, although the cursor is behind it. */
export declare const donePosition: ({ ackedPosition, heldFrom }: Pick<Progress, 'ackedPosition' | 'heldFrom'>) => number;
/**
 * What moving to another place changes. Going back leaves what was disclosed as it is, so that its cursors stay good,
 * and makes what is sent again other messages; what is skipped counts as done with, and nothing behind it can be
 * acknowledged before it was disclosed.
 */
export declare function seek(subscription: Progress, after: number): {
    ackedPosition: number;
    disclosedPosition: number;
    replays: number;
    pageThrough: null;
    pageAttempts: number;
    failures: number;
    lastError: null;
    nextAttemptAt: null;
    version: number;
};
/**
 * What passing over everything up to `through` changes.
 *
 * Errors: `Invalid` `position.not-ahead` when that is done with already.
 */
export declare function skip(subscription: Progress, through: number): {
    ackedPosition: number;
    disclosedPosition: number;
    pageThrough: null;
    pageAttempts: number;
    failures: number;
    lastError: null;
    nextAttemptAt: null;
    version: number;
};
export {};
//# sourceMappingURL=start.rules.d.ts.map