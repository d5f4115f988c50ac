import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { type Contract, Invalid } from '@govbus/contracts';
import { freePort } from '@govbus/embedded';
import type { DataSource } from 'typeorm';
import {
  atEnd,
  brokers,
  clock,
  countOn,
  eventually,
  newContract,
  newDatabase,
  type NoteV1,
  outboxCount,
  quiet,
  readAll,
} from './harness.shared.spec';
import { Outbox } from './outbox';
import { Producer } from './producer';
import { Relay } from './relay';

let db: DataSource;
let contract: Contract<NoteV1>;
const outbox = new Outbox('spec', clock);
beforeEach(async () => {
  db = await newDatabase();
  contract = await newContract(3);
});

/** Notes with rising places, spread over ten keys. */
const notes = (count: number, from = 0): NoteV1[] =>
  Array.from({ length: count }, (_, i) => ({ key: `key-${(from + i) % 10}`, place: from + i }));
const add = (some: NoteV1[]): Promise<void> => db.transaction((tx) => outbox.addAll(contract, some, tx));

async function startRelay(to = brokers): Promise<Relay> {
  const producer = new Producer({ brokers: to, clientId: 'spec', retries: 1 });
  const relay = new Relay({ dataSource: db, producer, log: quiet, pollMs: 50 });
  atEnd(() => producer.disconnect());
  atEnd(() => relay.stop());
  await relay.start();
  return relay;
}
const untilEmpty = (): Promise<void> => eventually(async () => expect(await outboxCount(db)).toBe(0), 60_000);

type Sent = { id: string; data: NoteV1 };
const sent = async (): Promise<Sent[]> => (await readAll(contract.topic)).map(({ value }) => JSON.parse(value) as Sent);
/** The places of each key, in the order in which they came first. */
function placesOf(messages: Sent[]): Record<string, number[]> {
  const seen = new Set<string>();
  const places: Record<string, number[]> = {};
  for (const { id, data } of messages) {
    if (!seen.has(id)) (places[data.key] ??= []).push(data.place);
    seen.add(id);
  }
  return places;
}
const expected = (some: NoteV1[]): Record<string, number[]> =>
  placesOf(some.map((data) => ({ id: String(data.place), data })));

describe('the outbox and its relay', () => {
  it('sends what was committed, in order for each key, and deletes it', async () => {
    const all = notes(1200);
    for (let at = 0; at < all.length; at += 100) await add(all.slice(at, at + 100));
    await startRelay();
    await untilEmpty();
    const messages = await sent();
    expect(messages).toHaveLength(1200);
    expect(placesOf(messages)).toEqual(expected(all));
  });

  it('sends nothing of a transaction that is rolled back', async () => {
    const failing = db.transaction(async (tx) => {
      await outbox.add(contract, { key: 'never', place: 1 }, tx);
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    await add([{ key: 'always', place: 2 }]);
    await startRelay();
    await untilEmpty();
    expect((await sent()).map(({ data }) => data.key)).toEqual(['always']);
  });

  it('takes as much at once as its memory bears, and a row that is larger by itself', async () => {
    const sizes: number[] = [];
    const sendAll = jest.spyOn(Producer.prototype, 'sendAll').mockImplementation((messages) => {
      sizes.push(messages.length);
      return Promise.resolve();
    });
    const row = (bytes: number) =>
      db.query(`INSERT INTO outbox (topic, key, value) VALUES ($1, 'k', repeat('x', $2))`, [contract.topic, bytes]);
    const megabyte = 1024 * 1024;
    for (const megabytes of [3, 3, 3, 1, 9, 1]) await row(megabytes * megabyte);
    await startRelay();
    await untilEmpty();
    sendAll.mockRestore();
    expect(sizes).toEqual([3, 2, 1]);
  });

  it('refuses a message that no topic takes, which would hold up all behind it', async () => {
    await expect(add([{ key: 'x'.repeat(1_100_000), place: 1 }])).rejects.toThrow(Invalid);
    expect(await outboxCount(db)).toBe(0);
  });

  it('keeps every row while no broker answers', async () => {
    await add(notes(5));
    const failures: string[] = [];
    const producer = new Producer({ brokers: [`127.0.0.1:${await freePort()}`], clientId: 'spec', retries: 1 });
    const relay = new Relay({ dataSource: db, producer, log: (_, _fields, message) => failures.push(message) });
    atEnd(() => relay.stop());
    await relay.start();
    await eventually(() => expect(failures.length).toBeGreaterThan(1));
    expect(await outboxCount(db)).toBe(5);
    await relay.stop();
    await startRelay();
    await untilEmpty();
    expect(placesOf(await sent())).toEqual(expected(notes(5)));
  });

  it('sends what comes one after the other in few batches', async () => {
    const sendAll = jest.spyOn(Producer.prototype, 'sendAll');
    await startRelay();
    const beganAt = performance.now();
    for (let place = 0; place < 100; place += 1) await add([{ key: 'a', place }]);
    await untilEmpty();
    const batches = sendAll.mock.calls.length;
    sendAll.mockRestore();
    expect(placesOf(await sent())).toEqual({ a: Array.from({ length: 100 }, (_, i) => i) });
    // A timer may be a little early.
    expect(batches).toBeLessThanOrEqual(2 + (performance.now() - beganAt) / 45);
  });

  it('two at once send each row once and in order, and one goes on when the other ends', async () => {
    const all = notes(3000);
    const first = await startRelay();
    await startRelay();
    for (let at = 0; at < 2000; at += 50) await add(all.slice(at, at + 50));
    await untilEmpty();
    await first.stop();
    await add(all.slice(2000));
    await untilEmpty();
    const messages = await sent();
    expect(messages).toHaveLength(3000);
    expect(placesOf(messages)).toEqual(expected(all));
  });
});

describe('a relay that is killed', () => {
  const start = (): ChildProcess => {
    const root = join(__dirname, '../../..');
    const child = spawn(
      process.execPath,
      ['-r', '@swc-node/register', '--conditions=@govbus/source', join(__dirname, 'relay-process.shared.spec.ts')],
      {
        cwd: root,
        stdio: ['ignore', 'ignore', 'inherit'],
        env: {
          ...process.env,
          NODE_OPTIONS: '',
          TS_NODE_PROJECT: join(root, 'tsconfig.base.json'),
          DATABASE_URL: db.options.type === 'postgres' ? db.options.url : '',
          KAFKA_BROKERS: brokers.join(','),
        },
      },
    );
    atEnd(() => kill(child));
    return child;
  };
  const kill = async (child: ChildProcess): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  };

  it('in the middle of its work loses nothing and changes no order', async () => {
    const all = notes(30_000);
    for (let at = 0; at < all.length; at += 5000) await add(all.slice(at, at + 5000));
    for (let round = 0; round < 3; round++) {
      const hold = db.createQueryRunner();
      await hold.startTransaction();
      // However fast it is, it gets no further than this row, whose deletion waits.
      const row = '(SELECT id FROM outbox ORDER BY id OFFSET 5000 LIMIT 1)';
      await hold.query(`SELECT 1 FROM outbox WHERE id = ${row} FOR UPDATE`);
      const before = await countOn(contract.topic);
      const child = start();
      await eventually(async () => expect(await countOn(contract.topic)).toBeGreaterThan(before));
      await kill(child);
      // Else it was not killed in the middle.
      expect(await outboxCount(db)).toBeGreaterThan(0);
      await hold.rollbackTransaction();
      await hold.release();
    }
    await startRelay();
    await untilEmpty();
    const messages = await sent();
    expect(new Set(messages.map(({ id }) => id)).size).toBe(all.length);
    expect(placesOf(messages)).toEqual(expected(all));
  });
});
