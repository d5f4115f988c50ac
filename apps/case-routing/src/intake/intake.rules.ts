import type { AgreementStatus, TermsV1 } from '@govbus/contracts';

/** Channel that says that an agreement or a dataset has changed. */
export const intakeChanged = 'intake';

/** Whether cases may be drawn under an agreement now: in force, in its period `[validFrom, validTo)`, by pull, for `purpose`. */
export function maySupplyCases(
  { status, terms }: { status: AgreementStatus; terms: TermsV1 },
  purpose: string,
  now: Date,
): boolean {
  return (
    status === 'in-force' &&
    terms.purposes.includes(purpose) &&
    terms.deliveryModes.includes('pull') &&
    Date.parse(terms.validFrom) <= now.getTime() &&
    now.getTime() < Date.parse(terms.validTo)
  );
}

const firstIdleMs = 500;
const longestIdleMs = 2_000;
const firstRetryMs = 500;
const longestRetryMs = 15_000;

/** Pause after the `emptyPages`-th empty page in a row (from 1): 500 ms, then 1 s, then 2 s. */
export const idlePauseMs = (emptyPages: number): number => Math.min(firstIdleMs * 2 ** (emptyPages - 1), longestIdleMs);

/**
 * Pause after the `failures`-th failure in a row (from 1), in ms.
 *
 * Shape: doubles from 500 ms to 15 s and is then shortened by up to a half by `random` (0 to 1), so that many do not come
 * back together; never shorter than what the other side asked for.
 */
export function retryPauseMs(failures: number, random: number, retryAfterSeconds = 0): number {
  const longest = Math.min(firstRetryMs * 2 ** Math.min(failures - 1, 10), longestRetryMs);
  return Math.max(longest * (1 - random / 2), Math.min(retryAfterSeconds * 1000, longestRetryMs));
}
