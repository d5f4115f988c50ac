import { Unavailable } from '@govbus/contracts';
import type { Turns } from '@govbus/platform';

/**
 * Does the work when it is the department's turn. Who waits holds no connection of the database.
 *
 * Errors: `Unavailable` `delivery.busy` when too many of the department wait already; those of `work`.
 */
export async function inTurn<T>(turns: Turns, department: string, work: () => Promise<T>): Promise<T> {
  if (!turns.hasRoom(department))
    throw new Unavailable('delivery.busy', 'too many requests of the department wait already', {
      retryAfterSeconds: 1,
    });
  return turns.take(department, work);
}
