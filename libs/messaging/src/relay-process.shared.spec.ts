// A relay in a process of its own, which a spec kills: DATABASE_URL and KAFKA_BROKERS say where.
import { openDatabase } from './open-database.shared.spec';
import { Producer } from './producer';
import { Relay } from './relay';

async function main(): Promise<void> {
  const dataSource = await openDatabase(process.env.DATABASE_URL ?? '');
  const producer = new Producer({ brokers: (process.env.KAFKA_BROKERS ?? '').split(','), clientId: 'spec' });
  const log = (_: string, fields: object, message: string): void => console.error(message, fields);
  await new Relay({ dataSource, producer, log }).start();
}
void main();
