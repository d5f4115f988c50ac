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

/**
 * As `inTurn`, but if there is room is asked by `requireTurn`, and the turn lasts until the page was taken: one that nobody
 * reads stays in memory. `onGone` is handed what to call then.
 */
export async function keepTurn<T extends { events: readonly unknown[] }>(
  { turns, department, onGone }: { turns: Turns; department: string; onGone: (callback: () => void) => void },
  work: () => Promise<T>,
): Promise<T> {
  const end = await turns.begin(department);
  let isKept = false;
  try {
    const page = await work();
    isKept = page.events.length > 0;
    // Not before: whoever hangs up must not have the next page read beside the one that still is.
    if (isKept) onGone(end);
    return page;
  } finally {
    if (!isKept) end();
  }
}

/** Errors: `Unavailable` `delivery.busy` when too many of the department wait already. */
export function requireTurn(turns: Turns, department: string): void {
  if (!turns.hasRoom(department))
    throw new Unavailable('delivery.busy', 'too many requests of the department wait already', {
      retryAfterSeconds: 1,
    });
}
