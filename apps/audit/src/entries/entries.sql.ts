import { Invalid } from '@govbus/contracts';
import { readCursor } from '@govbus/platform';
import type { EntriesSearch } from './entries.dto';
import { momentOf } from './entries.rules';

/**
 * One row more than asked for, the newest first: by the time that the services gave, then by the place in the log.
 *
 * The cursor is the place of the last entry shown; an entry never goes away, so its time is looked up.
 *
 * Errors: `Invalid` `cursor.invalid`, `search.time-invalid`.
 */
export function searchOf(search: EntriesSearch, subjectKey: string | undefined): { sql: string; values: unknown[] } {
  const { traceId, entity } = search;
  const last = readCursor(search.cursor, 1)?.[0];
  if (last !== undefined && !Number.isSafeInteger(last))
    throw new Invalid('cursor.invalid', 'the cursor is not one that this list gave out');
  const conditions: [string, unknown][] = [
    ['(time, index) < (SELECT last.time, last.index FROM entries AS last WHERE last.index = ?)', last],
    ['actor_id = ?', search.actor],
    ['dataset_id = ?', search.datasetId],
    ['agreement_id = ?', search.agreementId],
    ['subscription_id = ?', search.subscriptionId],
    ['subject_keys @> ARRAY[?::text]', subjectKey],
    ["body::jsonb ->> 'entity' = ?", entity],
    ["body::jsonb ->> 'caseReference' = ?", search.caseReference],
    ["body::jsonb ->> 'traceId' = ?", traceId],
    ['action = ?', search.action],
    ['outcome = ?', search.outcome],
    ['time >= ?', search.from && momentOf('from', search.from)],
    ['time < ?', search.to && momentOf('to', search.to)],
  ];
  const given = conditions.filter(([, value]) => value !== undefined);
  const where = given.map(([condition], i) => condition.replace('?', `$${i + 2}`)).join(' AND ');
  const hasFew = [subjectKey, entity, traceId].some((value) => value !== undefined);
  return {
    sql: `
      WITH found AS MATERIALIZED (SELECT index, time FROM entries ${where && `WHERE ${where}`} ${hasFew ? '' : newest})
      SELECT index, body FROM entries WHERE index IN (SELECT index FROM found ${newest}) ${newestFirst}`,
    values: [search.limit + 1, ...given.map(([, value]) => value)],
  };
}

// Found first and read then: what an index of the key holds is found without the table, so that no index of another thing, and
// a walk through entries that may not fit, looks cheaper to PostgreSQL.
//
// What has few entries (a person, one thing, a trace) no index has in the order of time, and how rare a member of an array is
// PostgreSQL does not know: all are found and sorted, or it would walk through the log until it has a page of them. A person
// with very many entries is bounded by `SEARCH_SECONDS`, and by `from` and `to`.
const newestFirst = 'ORDER BY time DESC, index DESC';
const newest = `${newestFirst} LIMIT $1`;
