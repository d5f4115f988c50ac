import { Conflict } from '@govbus/contracts';
import type { Caller } from '@govbus/platform';
import type { EntityManager } from 'typeorm';
import type { RegistryMove } from './registry-status.rules';

const suspensionLock = 7_030_221;

/**
 * Until `tx` ends nobody else suspends or resumes. Who was suspended since its request was let in does neither any more:
 * of two administrators that suspend each other one is left, and none undoes its own suspension.
 *
 * Errors: `Conflict` `caller.suspended`.
 */
export async function holdSuspensions(move: RegistryMove, caller: Caller, tx: EntityManager): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock($1)', [suspensionLock]);
  const suspended = await tx.query<unknown[]>(
    `SELECT 1 FROM principals p JOIN departments d USING (department_code)
      WHERE p.principal_id = $1 AND 'suspended' IN (p.status, d.status)`,
    [caller.id],
  );
  if (suspended.length > 0)
    throw new Conflict('caller.suspended', `the caller was suspended meanwhile and cannot ${move}`);
}
