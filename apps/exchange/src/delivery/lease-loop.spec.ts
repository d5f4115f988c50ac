import { Clock, type Changes, type Logger } from '@govbus/platform';
import type { DataSource } from 'typeorm';
import { AGREEMENTS_CHANGED } from '../agreements/agreement.consumer';
import { LEDGER_GREW } from '../ledger/ledger-writer';
import { SUBSCRIPTIONS_CHANGED } from './lease.sql';
import { LeaseLoop } from './lease-loop';

// No timer goes: nothing is leased but when the specs say so.
beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] }));
afterEach(() => jest.useRealTimers());

/** A statement that was sent, answered when the spec says so: the order in which answers come is what is tested. */
type Asked = { sql: string; parameters: unknown[]; answer: (rows: unknown[]) => void };

function databaseThat() {
  const asked: Asked[] = [];
  let isCalm = false;
  const query = (sql: string, parameters: unknown[]): Promise<unknown[]> =>
    isCalm ? Promise.resolve([]) : new Promise((answer) => asked.push({ sql, parameters, answer }));
  /** From now on every statement is answered at once: there is nothing to lease. */
  const calm = (): void => {
    isCalm = true;
    for (const { answer } of asked) answer([]);
  };
  const next = async (start: string): Promise<Asked> => {
    for (;;) {
      const at = asked.findIndex(({ sql }) => sql.trim().startsWith(start));
      const [found] = at < 0 ? [] : asked.splice(at, 1);
      if (found) return found;
      await new Promise(setImmediate);
    }
  };
  return { db: { manager: { query } } as unknown as DataSource, next, calm };
}

describe('a subscription that is leased again before the end of the last delivery is told', () => {
  it('is cut off when its agreement changes', async () => {
    const { db, next, calm } = databaseThat();
    const heard = new Map<string, (payload: string) => void>();
    const on = (channel: string, hear: (payload: string) => void) => Promise.resolve(void heard.set(channel, hear));
    const stops: AbortSignal[] = [];
    let endFirst = (): void => undefined;
    const run = (_owner: string, _id: string, stop: AbortSignal): Promise<void> => {
      stops.push(stop);
      return new Promise((resolve) => {
        if (stops.length === 1) endFirst = resolve;
        else stop.addEventListener('abort', () => resolve());
      });
    };
    const logger = { error: jest.fn() };
    const options = { mode: 'kafka' as const, maxAtOnce: 2, run };
    const loop = new LeaseLoop(db, new Clock(), logger as unknown as Logger, options);
    await loop.start({ on } as unknown as Changes);
    const leased = [{ subscriptionId: 's', agreementId: 'a' }];

    loop.wake();
    (await next('WITH due')).answer(leased);
    await until(() => stops.length === 1);
    endFirst();
    const release = await next('UPDATE subscriptions');
    // The row is free, and the answer that says so is still on its way.
    loop.wake();
    (await next('WITH due')).answer(leased);
    await until(() => stops.length === 2);
    release.answer([]);
    // The lease asked for at the end of the first delivery: whatever it had to do is done.
    (await next('WITH due')).answer([]);

    heard.get(AGREEMENTS_CHANGED)?.('a');
    expect(stops.map(({ aborted }) => aborted)).toEqual([false, true]);
    expect(logger.error).not.toHaveBeenCalled();
    calm();
    await loop.stop();
  });
});

describe('a subscription whose lease has run out while it was delivered', () => {
  const leased = [{ subscriptionId: 's', agreementId: 'a' }];

  it('is leased again under another token, which the former delivery cannot give back', async () => {
    const { next, calm, loop, runs } = await leasingTwice();
    runs[0]?.end();
    const release = await next('UPDATE subscriptions');
    release.answer([]);
    calm();
    runs[1]?.end();
    await loop.stop();
    const [first, second] = runs.map(({ owner }) => owner);
    expect(second).not.toBe(first);
    expect(release.parameters[0]).toBe(first);
  });

  it('is cut off in both deliveries, and the end of the loop waits for both', async () => {
    const { change, calm, loop, runs } = await leasingTwice();
    change('a');
    const areCut = runs.map(({ stop }) => stop.aborted);
    calm();
    runs[1]?.end();
    const ended: string[] = [];
    const stopped = loop.stop().then(() => ended.push('the loop'));
    for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
    ended.push('the former delivery');
    runs[0]?.end();
    await stopped;
    expect(areCut).toEqual([true, true]);
    expect(ended).toEqual(['the former delivery', 'the loop']);
  });

  it('is still cut off when the former delivery fails', async () => {
    const { change, calm, loop, logger, runs } = await leasingTwice();
    runs[0]?.fail(new Error('a fault of ours'));
    await until(() => logger.error.mock.calls.length > 0);
    change('a');
    const isCut = runs[1]?.stop.aborted;
    calm();
    runs[1]?.end();
    await loop.stop();
    expect(isCut).toBe(true);
  });

  /** A loop in which the same subscription is delivered twice. */
  async function leasingTwice() {
    const { db, next, calm } = databaseThat();
    const heard = new Map<string, (payload: string) => void>();
    const on = (channel: string, hear: (payload: string) => void) => Promise.resolve(void heard.set(channel, hear));
    const runs: { owner: string; stop: AbortSignal; end: () => void; fail: (error: Error) => void }[] = [];
    const run = (owner: string, _id: string, stop: AbortSignal): Promise<void> =>
      new Promise((end, fail) => runs.push({ owner, stop, end, fail }));
    const logger = { error: jest.fn() };
    const options = { mode: 'kafka' as const, maxAtOnce: 2, run };
    const loop = new LeaseLoop(db, new Clock(), logger as unknown as Logger, options);
    await loop.start({ on } as unknown as Changes);
    for (const count of [1, 2]) {
      loop.wake();
      (await next('WITH due')).answer(leased);
      await until(() => runs.length === count);
    }
    const change = (agreementId: string): void => heard.get(AGREEMENTS_CHANGED)?.(agreementId);
    return { next, calm, change, loop, logger, runs };
  }
});

describe('a delivery that failed by a fault of ours', () => {
  it('leaves its place while it waits, and gives its lease back when the loop stops', async () => {
    const { db, next, calm } = databaseThat();
    const heard = new Map<string, (payload: string) => void>();
    const on = (channel: string, hear: (payload: string) => void) => Promise.resolve(void heard.set(channel, hear));
    const begun: string[] = [];
    const run = (_owner: string, id: string): Promise<void> => {
      begun.push(id);
      return id === 'faulty' ? Promise.reject(new Error('a fault of ours')) : Promise.resolve();
    };
    const options = { mode: 'webhook' as const, maxAtOnce: 1, run };
    const loop = new LeaseLoop(db, new Clock(), { error: jest.fn() } as unknown as Logger, options);
    await loop.start({ on } as unknown as Changes);
    loop.wake();
    (await next('WITH due')).answer([{ subscriptionId: 'faulty', agreementId: 'a' }]);
    await until(() => begun.length === 1);
    // With its place it would keep this one from being leased.
    loop.wake();
    (await next('WITH due')).answer([{ subscriptionId: 'sound', agreementId: 'a' }]);
    await until(() => begun.length === 2);
    expect(begun).toEqual(['faulty', 'sound']);
    const stopped = loop.stop();
    const released = await Promise.all([next('UPDATE subscriptions'), next('UPDATE subscriptions')]);
    for (const { answer } of released) answer([]);
    calm();
    await stopped;
  });
});

describe('a delivery that was asked for', () => {
  it('takes no place of what is leased, and is cut off like it', async () => {
    const { db, next, calm } = databaseThat();
    const heard = new Map<string, (payload: string) => void>();
    const on = (channel: string, hear: (payload: string) => void) => Promise.resolve(void heard.set(channel, hear));
    const options = { mode: 'webhook' as const, maxAtOnce: 1, run: () => Promise.resolve() };
    const loop = new LeaseLoop(db, new Clock(), { error: jest.fn() } as unknown as Logger, options);
    await loop.start({ on } as unknown as Changes);
    const asked = loop.cutOff('a', (stop) => new Promise((end) => stop.addEventListener('abort', () => end('cut'))));
    loop.wake();
    (await next('WITH due')).answer([]);
    heard.get(AGREEMENTS_CHANGED)?.('a');
    expect(await asked).toBe('cut');
    calm();
    await loop.stop();
  });
});

describe('the loop', () => {
  it.each([LEDGER_GREW, SUBSCRIPTIONS_CHANGED])('leases what is due when it hears `%s`', async (channel) => {
    const { db, next, calm } = databaseThat();
    const heard = new Map<string, (payload: string) => void>();
    const on = (name: string, hear: (payload: string) => void) => Promise.resolve(void heard.set(name, hear));
    const loop = new LeaseLoop(db, new Clock(), { error: jest.fn() } as unknown as Logger, {
      mode: 'kafka',
      maxAtOnce: 2,
      run: () => Promise.resolve(),
    });
    await loop.start({ on } as unknown as Changes);
    heard.get(channel)?.('x');
    (await next('WITH due')).answer([]);
    calm();
    await loop.stop();
  });
});

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise(setImmediate);
}
