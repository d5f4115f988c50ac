import type { EntityManager, ObjectLiteral, QueryDeepPartialEntity } from 'typeorm';

/** Inserts a row unless its key is taken, and says whether it did; a taken key does not break the transaction. */
export async function insertIfNew<T extends ObjectLiteral>(
  entity: new () => T,
  row: QueryDeepPartialEntity<T>,
  tx: EntityManager,
): Promise<boolean> {
  const insert = tx.createQueryBuilder().insert().into(entity).values(row).orIgnore().returning('*');
  const { raw } = await insert.execute();
  return Array.isArray(raw) && raw.length > 0;
}
