import type { EntityManager } from 'typeorm';

/**
 * Holds what is counted for a department until `tx` ends: who counts and then adds is not passed by another who does.
 *
 * Taken before the agreement is held, so that those who wait here keep no change of it waiting (P5).
 */
export async function holdDepartment(departmentCode: string, tx: EntityManager): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('department:' || $1, 0))`, [departmentCode]);
}
