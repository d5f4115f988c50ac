import { Limited, type LimitsV1 } from '@govbus/contracts';

/** What was used under an agreement in the minute and the day (UTC) that run, and in how many seconds they end. */
export type Usage = { accesses: number; records: number; minuteEndsIn: number; dayEndsIn: number };
/** One access: `accesses` is 0 for a further page of one that was counted before. */
export type Wanted = { accesses: 0 | 1; records: number };
type About = { agreementId: string; datasetId: string; subscriptionId?: string; purpose: string };

/** Most records that may still be disclosed today; undefined when they are not limited. */
export const recordsLeft = (limits: LimitsV1, usage: Usage): number | undefined =>
  limits.recordsPerDay === undefined ? undefined : Math.max(0, limits.recordsPerDay - usage.records);

/**
 * How many of the wanted records may be disclosed: as many as are left of the day.
 *
 * Errors: `Limited` `agreement.limit-reached` when nothing is left of the day or the minute, with the limit, and in how
 *   many seconds there is something again.
 */
export function grant(limits: LimitsV1, usage: Usage, wanted: Wanted, about: About): number {
  const { accessesPerMinute, recordsPerDay } = limits;
  const left = recordsLeft(limits, usage);
  // The longer wait goes first: who waits for the minute only to be refused for the day has waited in vain.
  if (recordsPerDay !== undefined && left === 0)
    throw reached('volume', `the agreement allows ${recordsPerDay} records a day (UTC), and they are used up`, {
      ...{ about, limit: recordsPerDay, waitSeconds: usage.dayEndsIn },
    });
  if (accessesPerMinute !== undefined && usage.accesses + wanted.accesses > accessesPerMinute)
    throw reached('rate', `the agreement allows ${accessesPerMinute} accesses a minute, and they are used up`, {
      ...{ about, limit: accessesPerMinute, waitSeconds: usage.minuteEndsIn },
    });
  return Math.min(wanted.records, left ?? Infinity);
}

const attributes = { rate: 'accessesPerMinute', volume: 'recordsPerDay' };

function reached(
  kind: 'rate' | 'volume',
  detail: string,
  { about, limit, waitSeconds }: { about: About; limit: number; waitSeconds: number },
): Limited {
  const retryAfterSeconds = Math.max(1, waitSeconds);
  const attribute = `agreement.terms.limits.${attributes[kind]}`;
  const needed = `to wait ${retryAfterSeconds} seconds`;
  const explanation = { code: `agreement.${kind}`, attribute, limit, needed, detail };
  return new Limited('agreement.limit-reached', detail, { explanation, about, retryAfterSeconds });
}
