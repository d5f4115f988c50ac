import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { messagingMigrations } from '@govbus/messaging';
import { type Changes, Clock, type Logger, registryMigrations } from '@govbus/platform';
import { createTestDatabase, eventually } from '@govbus/testing';
import { DataSource } from 'typeorm';
import { migrations } from '../data-source';
import { LeaseLoop } from './lease-loop';

let db: DataSource;
const loops: LeaseLoop[] = [];

beforeAll(async () => {
  const all = [...messagingMigrations, ...registryMigrations, ...migrations];
  const { url } = await createTestDatabase('exchange', all);
  db = await new DataSource({ type: 'postgres', url }).initialize();
}, 60_000);
beforeEach(() => db.query('DELETE FROM subscriptions'));
afterEach(async () => {
  for (const loop of loops.splice(0)) await loop.stop();
});
afterAll(() => db.destroy());

/** A webhook of a department that has something to deliver, which is `behind` events behind. */
async function due(department: string, behind = 1): Promise<string> {
  const [id, datasetId] = [randomUUID(), randomUUID()];
  await db.query('INSERT INTO dataset_heads (dataset_id, last_position) VALUES ($1, 1000)', [datasetId]);
  await db.query(
    `INSERT INTO subscriptions (subscription_id, agreement_id, dataset_id, consumer_department, owner, purpose, mode,
                                webhook_url, status, acked_position, created_at, version)
     VALUES ($1, $1, $2, $3, 'system', 'case-handling', 'webhook', 'https://example.org/', 'active', $4, now(), 1)`,
    [id, datasetId, department, 1000 - behind],
  );
  return id;
}

/** Leases until the spec ends, and runs what was leased. */
async function start(maxAtOnce: number, maxOfDepartment: number, run: (id: string) => Promise<unknown>): Promise<void> {
  const changes = { on: () => Promise.resolve() } as unknown as Changes;
  const logger = { error: jest.fn() } as unknown as Logger;
  const loop = new LeaseLoop(db, new Clock(), logger, {
    ...{ mode: 'webhook', maxAtOnce, maxOfDepartment },
    run: async (_owner, id) => void (await run(id)),
  });
  loops.push(loop);
  await loop.start(changes);
}

it('gives everyone a turn, however far behind another stays', async () => {
  const ids = [await due('a', 900), await due('b', 500), await due('a', 1), await due('c', 1)];
  const turns: string[] = [];
  // Turns that end in one millisecond have no order.
  await start(1, 1, (id) => pause(3).then(() => turns.push(id)));
  await eventually(() => expect(turns.length).toBeGreaterThanOrEqual(12));
  for (const id of ids) expect(turns.slice(0, 12).filter((one) => one === id)).toHaveLength(3);
});

it('leaves places to others when the deliveries to one department hang', async () => {
  for (let n = 0; n < 8; n += 1) await due('slow', 900);
  const quick = [await due('quick'), await due('other')];
  const running: string[] = [];
  let letGo = (): void => undefined;
  const hanging = new Promise<void>((resolve) => (letGo = resolve));
  await start(6, 3, (id) => {
    running.push(id);
    return hanging;
  });
  await eventually(() => {
    expect(running).toEqual(expect.arrayContaining(quick));
    expect(running).toHaveLength(5);
  });
  letGo();
});
