import { Unavailable } from '@govbus/contracts';
import type { Turns } from '@govbus/platform';

/**
 * Does the work when it is the department's turn. Who waits holds no connection of the database.
 *
 * Errors: `Unavailable` `delivery.busy` when too many of the department wait already; those of `work`.
 */
export async function inTurn<T>(turns: Turns, department: string, work: () => Promise<T>): Promise<T> {
  requireTurn(turns, department);
  return turns.take(department, work);
}

/** As `inTurn`, for work that lasts until what comes back is called. */
export function beginTurn(turns: Turns, department: string): Promise<() => void> {
  requireTurn(turns, department);
  return turns.begin(department);
}

function requireTurn(turns: Turns, department: string): void {
  if (!turns.hasRoom(department))
    throw new Unavailable('delivery.busy', 'too many requests of the department wait already', {
      retryAfterSeconds: 1,
    });
}
