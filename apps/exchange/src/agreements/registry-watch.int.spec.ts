import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { halt } from '@govbus/embedded';
import { type KafkaBatchServer, messagingMigrations } from '@govbus/messaging';
import { type Changes, type Logger, registryMigrations } from '@govbus/platform';
import { createTestDatabase, eventually } from '@govbus/testing';
import { DataSource } from 'typeorm';
import type { AppConfig } from '../app.config';
import { consumer, event, Exchange } from '../exchange.int.spec';
import { migrations } from '../data-source';
import { RegistryWatch } from './registry-watch';

/** A way to PostgreSQL on which what listens falls silent when told to: nothing arrives, and no connection ends. */
async function silentable(databaseUrl: string) {
  const to = new URL(databaseUrl);
  const listening = new Set<Socket>();
  const silent = new Set<Socket>();
  const server = createServer((from) => {
    const database = connect(Number(to.port), to.hostname);
    from.on('data', (bytes) => {
      if (bytes.includes('LISTEN')) listening.add(from);
      if (!silent.has(from)) database.write(bytes);
    });
    database.on('data', (bytes) => silent.has(from) || from.write(bytes));
    from.on('error', () => undefined).on('close', () => database.destroy());
    database.on('error', () => undefined).on('close', () => silent.has(from) || from.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.port = String((server.address() as { port: number }).port);
  const fallSilent = (): void => listening.forEach((socket) => silent.add(socket));
  return { url: url.href, fallSilent, count: () => listening.size, stop: () => void server.close() };
}

it('discloses nothing on what it can no longer hear, listens anew, and then knows (P5)', async () => {
  const { exchange: first, publisher, reader } = await Exchange.withParties();
  const way = await silentable(first.config.DATABASE_URL);
  const { SUBJECT_KEY_FILE, PSEUDONYM_KEY_FILE } = first.config;
  const keys = { SUBJECT_KEY_FILE, PSEUDONYM_KEY_FILE };
  const second = await Exchange.start(
    { DATABASE_URL: way.url, EXCHANGE_ROLES: 'delivery', ...keys },
    { issuer: first.issuer, mayHearLate: true },
  );
  try {
    const { datasetId } = await first.dataset();
    const { agreementId, terms, ...agreement } = await first.agreement(datasetId);
    await first.change({ ...agreement, agreementId, terms: { ...terms, deliveryModes: ['query'] }, version: 2 });
    await first.publishBatch(publisher, [event(datasetId, '1')]);
    await first.ledgerAt(datasetId, 1);
    const ask = () =>
      second.call('POST', '/v1/queries', reader, { agreementId, purpose: 'case-handling', key: 'key-1' });
    await eventually(async () => expect(await ask()).toMatchObject({ status: 200 }));
    const before = way.count();
    expect(before).toBeGreaterThan(0);

    way.fallSilent();
    await first.department(consumer, 'suspended', 2);
    await pause(1_000);
    expect(await ask()).not.toMatchObject({ status: 200 });
    await eventually(async () => expect(await ask()).toMatchObject({ status: 401, body: { code: 'token.revoked' } }));
    expect(way.count()).toBeGreaterThan(before);

    await first.department(consumer, 'active', 3);
    await eventually(async () => expect(await ask()).toMatchObject({ status: 200 }));
  } finally {
    await second.app.close();
    way.stop();
    await first.stop();
  }
}, 90_000);

describe('since when the copies are whole', () => {
  let db: DataSource;
  let watch: RegistryWatch;
  let tell: () => void;
  const changes = { heardAgeMs: 0 };
  const warn = jest.fn();
  beforeAll(async () => {
    const { url } = await createTestDatabase('exchange', [
      ...messagingMigrations,
      ...registryMigrations,
      ...migrations,
    ]);
    db = await new DataSource({ type: 'postgres', url }).initialize();
    const onCaughtUp: KafkaBatchServer['onCaughtUp'] = (listener) =>
      (tell = () => listener(['catalog.registry', 'departments.registry'], performance.now()));
    const server = { onCaughtUp } as KafkaBatchServer;
    const logger = { warn } as unknown as Logger;
    watch = new RegistryWatch({ DATABASE_URL: url } as AppConfig, changes as Changes, server, logger);
    watch.onModuleInit();
  });
  afterAll(async () => {
    await watch.onApplicationShutdown();
    await db.destroy();
  });

  const requireFresh = (): Promise<void> => watch.requireFresh(db.manager);
  const untilFresh = (): Promise<void> =>
    eventually(() => {
      tell();
      return requireFresh();
    });
  const untilPiecesMayBegin = (): Promise<void> =>
    eventually(async () => {
      tell();
      expect(await watch.isFresh()).toBe(true);
    });
  const ageMs = async (): Promise<number> => {
    const [row] = await db.query<{ age: number }[]>(
      'SELECT (extract(epoch FROM clock_timestamp() - min(caught_up_at)) * 1000)::float8 AS age FROM registry_watch',
    );
    return row?.age ?? NaN;
  };

  /** The session of its own, when it wrote last and is done with that. */
  const sessionOfWatch = (): Promise<number> =>
    eventually(async () => {
      const [session] = await db.query<{ pid: number }[]>(
        `SELECT pid FROM pg_stat_activity
          WHERE query LIKE 'INSERT INTO registry_watch%' AND state = 'idle' AND datname = current_database()`,
      );
      if (!session) throw new Error('it has not written yet');
      return session.pid;
    });
  /** It is told something while its session stands still, whose age was `former` then; not whether it wrote that down. */
  async function tellHalted(): Promise<{ former: number; toldAt: number }> {
    await untilFresh();
    const pid = await sessionOfWatch();
    await halt(pid);
    // So that what is told now is clearly later than what stands there.
    await pause(500);
    const former = await ageMs();
    const toldAt = performance.now();
    try {
      tell();
      await pause(1_200);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    return { former, toldAt };
  }

  it('does not become later by a database that stands still before it writes it down (P5)', async () => {
    do {
      warn.mockClear();
      const { former, toldAt } = await tellHalted();
      await eventually(async () => {
        const isWritten = (await ageMs()) < former + performance.now() - toldAt - 250;
        expect(isWritten || warn.mock.calls.length > 0).toBe(true);
      });
      // Where this machine stood still as well, the statement was given up, which is another matter.
    } while (warn.mock.calls.length > 0);
    expect(await ageMs()).toBeGreaterThanOrEqual(1_200);
    await expect(requireFresh()).rejects.toMatchObject({ code: 'registry.stale' });
    await untilFresh();
  });

  it('is not known when it is still to come, as the clock of the database was set back, until it is told anew', async () => {
    await untilFresh();
    await db.query(`UPDATE registry_watch SET caught_up_at = clock_timestamp() + interval '1 hour'`);
    await expect(requireFresh()).rejects.toMatchObject({ code: 'registry.stale' });
    await untilFresh();
    expect(await ageMs()).toBeGreaterThanOrEqual(0);
  });

  it('lets pieces begin for a second after it was told, and again when it is told anew (P5)', async () => {
    await untilPiecesMayBegin();
    // A timer may be a moment early.
    const end = performance.now() + 1_000;
    while (performance.now() < end) await pause(Math.max(1, end - performance.now()));
    expect(await Promise.all([watch.isFresh(), watch.isFresh()])).toEqual([false, false]);
    await untilPiecesMayBegin();
  });

  it('lets no piece begin while too little was heard, or the ledger is not whole (P5)', async () => {
    await untilPiecesMayBegin();
    changes.heardAgeMs = 1_000;
    expect(await watch.isFresh()).toBe(false);
    changes.heardAgeMs = 0;
    await db.query('INSERT INTO ledger_rebuilds DEFAULT VALUES');
    await pause(1_000);
    await eventually(async () => {
      tell();
      expect(await ageMs()).toBeLessThan(250);
      expect(await watch.isFresh()).toBe(false);
    });
    await db.query('DELETE FROM ledger_rebuilds');
    await untilPiecesMayBegin();
  });

  it('lets no piece begin while the database cannot be asked (P5)', async () => {
    // What was answered before does not hold any more.
    await pause(1_000);
    await untilFresh();
    const pid = await sessionOfWatch();
    await halt(pid);
    try {
      expect(await watch.isFresh()).toBe(false);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await untilPiecesMayBegin();
  });
});
