import 'reflect-metadata';
import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startPostgres } from '@govbus/embedded';
import { createApp } from '@govbus/platform';
import { eventually } from '@govbus/testing';
import { AppModule } from '../app.module';
import { type Caller, event, Exchange, provider } from '../exchange.int.spec';
import { isWrittenOnce } from './ledger-writing.shared.spec';

const positionsOf = async (exchange: Exchange, datasetId: string): Promise<[string, number][]> => {
  const rows = await exchange.db.query<{ event_id: string; position: string }[]>(
    'SELECT event_id, position FROM events WHERE dataset_id = $1 ORDER BY position',
    [datasetId],
  );
  return rows.map((row) => [row.event_id, Number(row.position)]);
};

/** Publishes `count` events in small batches, numbered from `first` on. */
async function publish(exchange: Exchange, publisher: Caller, datasetId: string, first: number, count: number) {
  for (let at = first; at < first + count; at += 20) {
    const batch = Array.from({ length: Math.min(20, first + count - at) }, (_, i) => event(datasetId, String(at + i)));
    expect(await exchange.publishBatch(publisher, batch)).toMatchObject({ body: { accepted: batch.length } });
  }
}

async function expectDense(exchange: Exchange, datasetId: string, count: number): Promise<void> {
  await eventually(async () => expect(await positionsOf(exchange, datasetId)).toHaveLength(count), 60_000);
  expect(await positionsOf(exchange, datasetId)).toEqual(
    Array.from({ length: count }, (_, i) => [String(i + 1), i + 1]),
  );
}

it('catches up by itself after its database was killed while events came in', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'govbus-spec-'));
  const port = await freePort();
  let postgres = await startPostgres({ dir, port });
  const shared = process.env.TEST_DATABASE_URL;
  process.env.TEST_DATABASE_URL = postgres.url;
  const exchange = await Exchange.start().finally(() => (process.env.TEST_DATABASE_URL = shared));
  try {
    const publisher = await exchange.system(provider, ['events:publish']);
    const { datasetId } = await exchange.dataset();
    await publish(exchange, publisher, datasetId, 1, 40);
    // With events on their way into it.
    process.kill(Number(readFileSync(join(dir, 'postmaster.pid'), 'utf8').split('\n')[0]), 'SIGKILL');
    await publish(exchange, publisher, datasetId, 41, 100);
    await postgres.stop();
    postgres = await eventually(() => startPostgres({ dir, port }), 30_000);
    await publish(exchange, publisher, datasetId, 141, 20);
    await expectDense(exchange, datasetId, 160);
    await isWrittenOnce(exchange, datasetId, 160);
    const unreadable = await exchange.db.query('SELECT 1 FROM unreadable_messages WHERE message_key = $1', [
      Buffer.from(datasetId),
    ]);
    expect(unreadable).toEqual([]);
  } finally {
    await exchange.stop();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
}, 150_000);

it('stores each event once while readers of the same group come and go', async () => {
  const exchange = await Exchange.start();
  try {
    const publisher = await exchange.system(provider, ['events:publish']);
    const datasets = await Promise.all([1, 2, 3, 4].map(() => exchange.dataset()));
    const publishAll = (first: number) =>
      Promise.all(datasets.map(({ datasetId }) => publish(exchange, publisher, datasetId, first, 100)));
    let published = publishAll(1);
    const second = await createApp(AppModule, exchange.config, { kafka: false });
    await published;
    published = publishAll(101);
    const third = await createApp(AppModule, exchange.config, { kafka: false });
    await second.close();
    await published;
    published = publishAll(201);
    await third.close();
    await published;
    for (const { datasetId } of datasets) {
      await expectDense(exchange, datasetId, 300);
      await isWrittenOnce(exchange, datasetId, 300);
    }
  } finally {
    await exchange.stop();
  }
}, 150_000);
