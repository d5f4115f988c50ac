import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Unavailable } from '@govbus/contracts';
import { freePort, halt, startKafka } from '@govbus/embedded';
import { atEnd, brokers, countOn, createTopic, eventually, newContract, readAll } from './harness.shared.spec';
import { type OutgoingMessage, Producer } from './producer';

type Options = Partial<ConstructorParameters<typeof Producer>[0]>;
function newProducer(options: Options = {}): Producer {
  const producer = new Producer({ brokers, clientId: 'spec', ...options });
  atEnd(() => producer.disconnect());
  return producer;
}
const messagesOn = (topic: string, count: number, from = 0): OutgoingMessage[] =>
  Array.from({ length: count }, (_, i) => ({ topic, key: `key-${(from + i) % 7}`, value: String(from + i) }));
const outcomes = (sends: Promise<void>[]): Promise<string[]> =>
  Promise.all(sends.map((send) => send.then(() => 'done').catch((error: Unavailable) => error.code)));

describe('many sends at once', () => {
  it('go together, and each is resolved after its acknowledgement', async () => {
    const { topic } = await newContract(3);
    const producer = newProducer({ maxBatch: 500 });
    await producer.connect();
    // Sends that went together are resolved in the same turn of the event loop.
    let turn = 0;
    let isDone = false;
    const tick = (): void => void (++turn && !isDone && setImmediate(tick));
    tick();
    const turns = new Set<number>();
    await Promise.all(messagesOn(topic, 2000).map((message) => producer.send(message).then(() => turns.add(turn))));
    isDone = true;
    expect(turns.size).toBeLessThanOrEqual(4);
    expect(await countOn(topic)).toBe(2000);
    expect(producer.queued).toBe(0);

    const placesByKey = new Map<string, number[]>();
    for (const { key, value } of await readAll(topic))
      placesByKey.set(key, [...(placesByKey.get(key) ?? []), Number(value)]);
    for (const places of placesByKey.values()) expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it('are on the topic when they resolve', async () => {
    const { topic } = await newContract();
    const producer = newProducer();
    for (let sent = 0; sent < 5; sent++) {
      await producer.sendAll(messagesOn(topic, 2, sent * 2));
      expect(await countOn(topic)).toBe((sent + 1) * 2);
    }
  });

  it('leave out what was withdrawn while it waited', async () => {
    const { topic } = await newContract();
    const producer = newProducer({ maxBatch: 2 });
    const withdrawal = new AbortController();
    // The first are on their way when the second are withdrawn; of those that go together, the others stay.
    const first = producer.sendAll(messagesOn(topic, 2), { signal: withdrawal.signal });
    const second = producer.sendAll(messagesOn(topic, 1, 10), { signal: withdrawal.signal });
    const third = producer.sendAll(messagesOn(topic, 1, 20));
    void first.then(() => withdrawal.abort());
    expect(await outcomes([first, second, third])).toEqual(['done', 'bus.withdrawn', 'done']);
    expect((await readAll(topic)).map(({ value }) => value)).toEqual(['0', '1', '20']);
    expect(producer.queued).toBe(0);
  });

  it('to a topic that is not there are refused, and those after them are not', async () => {
    const { topic } = await newContract();
    const producer = newProducer({ retries: 1 });
    await expect(producer.send({ topic: `${topic}-missing`, key: 'k', value: 'v' })).rejects.toThrow(Unavailable);
    await producer.send({ topic, key: 'k', value: 'v' });
    expect(await countOn(topic)).toBe(1);
  });
});

describe('the queue', () => {
  it('is bounded in messages and in bytes while nothing goes out', async () => {
    const away = { brokers: [`127.0.0.1:${await freePort()}`], retries: 1 };
    const few = newProducer({ ...away, maxQueued: 10 });
    const sends = messagesOn('any', 12).map((message) => few.send(message));
    expect(few.queued).toBe(10);
    expect(await outcomes(sends)).toEqual([...Array<string>(10).fill('bus.unavailable'), 'bus.busy', 'bus.busy']);
    expect(few.queued).toBe(0);

    const small = newProducer({ ...away, maxQueuedBytes: 10_000 });
    const large = { topic: 'any', key: 'k', value: 'x'.repeat(4_000) };
    expect(await outcomes([1, 2, 3].map(() => small.send(large)))).toEqual([
      'bus.unavailable',
      'bus.unavailable',
      'bus.busy',
    ]);
  });

  it('is given up as a whole when no broker answers, and not one round of tries after the other', async () => {
    const away = { brokers: [`127.0.0.1:${await freePort()}`], retries: 1 };
    const producer = newProducer({ ...away, maxBatch: 1 });
    const sends = messagesOn('any', 5).map((message) => producer.send(message));
    const all = outcomes(sends);
    await expect(sends[0]).rejects.toMatchObject({ code: 'bus.unavailable' });
    expect([producer.queued, producer.queuedBytes]).toEqual([0, 0]);
    expect(await all).toEqual(Array(5).fill('bus.unavailable'));
  });

  it('takes what is sent past its bound', async () => {
    const { topic } = await newContract();
    const producer = newProducer({ maxQueued: 10 });
    const full = producer.sendAll(messagesOn(topic, 10));
    await Promise.all([full, producer.sendAll(messagesOn(topic, 3), { isPastBound: true })]);
    expect(await countOn(topic)).toBe(13);
  });

  it('takes a group that is larger than itself when it is empty, and says when to come again when it is not', async () => {
    const { topic } = await newContract();
    const producer = newProducer({ maxQueued: 10 });
    const group = producer.sendAll(messagesOn(topic, 25));
    const late = producer.send({ topic, key: 'k', value: 'late' }).catch((error: unknown) => error);
    expect(await late).toMatchObject({ code: 'bus.busy', details: { retryAfterSeconds: 1 } });
    await group;
    expect(await countOn(topic)).toBe(25);
  });
});

describe('a broker that does not answer', () => {
  const processOf = (dir: string): number => {
    const found = readdirSync('/proc').find((pid) => {
      try {
        return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${dir}/server.properties`);
      } catch {
        return false;
      }
    });
    return Number(found ?? Number.NaN);
  };

  it('costs an error and no later message, although it writes what it had not acknowledged', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'govbus-spec-'));
    atEnd(() => rm(dir, { recursive: true, force: true }));
    const port = await freePort();
    const own = [`127.0.0.1:${port}`];
    const producer = newProducer({ brokers: own, requestTimeoutMs: 1_000, retries: 1 });
    await expect(producer.send({ topic: 'late', key: 'k', value: 'nobody listens' })).rejects.toThrow(Unavailable);

    const server = await startKafka({ dir, port });
    atEnd(() => server.stop());
    await createTopic('late', 1, own);
    await eventually(() => producer.send({ topic: 'late', key: 'k', value: 'first' }));
    await halt(processOf(dir));
    await expect(producer.send({ topic: 'late', key: 'k', value: 'unanswered' })).rejects.toMatchObject({
      code: 'bus.unavailable',
    });
    process.kill(processOf(dir), 'SIGCONT');
    // The broker takes up what waits at its door.
    await eventually(async () => expect(await countOn('late', own)).toBeGreaterThan(1));
    await eventually(() => producer.send({ topic: 'late', key: 'k', value: 'acknowledged' }));
    expect((await readAll('late', own)).map(({ value }) => value)).toContain('acknowledged');
  });
});
