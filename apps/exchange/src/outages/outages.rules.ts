import { Invalid } from '@govbus/contracts';

const maxDays = 31;
const dayMs = 86_400_000;

/** A planned outage of a consumer: from a time on until another, half-open. */
export type Window = { from: Date; until: Date };

/**
 * Whether an outage may be announced at `now`.
 *
 * Errors: `Invalid` `outage.window` unless it ends after it begins, ends in the future and lasts 31 days at most.
 */
export function checkWindow({ from, until }: Window, now: Date): void {
  if (until <= from) throw new Invalid('outage.window', 'the outage must end after it begins');
  if (until <= now) throw new Invalid('outage.window', 'the outage is over already');
  if (until.getTime() - from.getTime() > maxDays * dayMs)
    throw new Invalid('outage.window', `an outage lasts ${maxDays} days at most; a subscription can be paused`);
}
