/** The month of a time, its first day as `YYYY-MM-DD` (UTC). */
export const periodAt = (time: Date): string => `${time.toISOString().slice(0, 7)}-01`;

/** The month behind a period. */
export function periodAfter(period: string): string {
  const [year = 0, month = 0] = period.split('-').map(Number);
  return month === 12 ? `${year + 1}-01-01` : `${year}-${String(month + 1).padStart(2, '0')}-01`;
}

/**
 * The period of a batch: this month, or the newest that one of its datasets has reached, should the clock have gone back.
 *
 * INVARIANT: the periods of a dataset rise with its positions, so that a range of positions lies in few partitions.
 */
export const periodOfBatch = (current: string, reached: Iterable<string | null>): string =>
  [...reached].reduce<string>((newest, period) => (period !== null && period > newest ? period : newest), current);
