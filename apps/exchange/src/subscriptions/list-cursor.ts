import { Invalid } from '@govbus/contracts';
import { readCursor } from '@govbus/platform';
import { isUUID } from 'class-validator';

/** Where a list goes on that is sorted by a time and an id. */
export type ListCursor = { at: string; id: string };

// As the page wrote it: what else a machine takes for a time the database may not.
const instant = /^[1-9]\d{3}-\d\d-\d\dT[\d:.]{12}Z$/;

/**
 * The time and the id in a cursor; undefined without one.
 *
 * Errors: `Invalid` `cursor.invalid` when it holds anything else.
 */
export function readListCursor(cursor: string | undefined): ListCursor | undefined {
  const parts = readCursor(cursor, 2);
  if (!parts) return undefined;
  const [at, id] = parts;
  if (typeof at !== 'string' || !isTime(at) || typeof id !== 'string' || !isUUID(id))
    throw new Invalid('cursor.invalid', 'the cursor is not one that this list gave out');
  return { at, id };
}

// A day that its month has not is the machine's of the next month, and no day of the database.
const isTime = (at: string): boolean =>
  instant.test(at) && !Number.isNaN(Date.parse(at)) && new Date(at).toISOString() === at;
