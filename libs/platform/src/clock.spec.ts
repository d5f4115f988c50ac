import type { DataSource } from 'typeorm';
import { SharedClock } from './clock';
import { createLogger } from './logger';

const startMs = Date.parse('2026-11-30T00:00:00Z');
/** A database whose clock is so far ahead of the machine's, and which answers so late. */
let database: { aheadMs: number; lateMs: number };
let clock: SharedClock;

beforeEach(async () => {
  jest.useFakeTimers({ now: startMs });
  database = { aheadMs: 0, lateMs: 0 };
  // It reads its clock at the end of the time that it takes.
  const query = async () => {
    await new Promise((answered) => setTimeout(answered, database.lateMs));
    return [{ now: Date.now() + database.aheadMs }];
  };
  clock = new SharedClock({ query } as unknown as DataSource, createLogger('spec', 'silent'));
});
afterEach(() => {
  clock.onApplicationShutdown();
  jest.useRealTimers();
});

const isStarted = async (): Promise<void> => {
  const starting = clock.onModuleInit();
  await jest.advanceTimersByTimeAsync(database.lateMs);
  await starting;
};
const offMs = (): number => clock.now().getTime() - Date.now();

describe('the shared clock', () => {
  it('believes the machine when the first answer was long on its way', async () => {
    database.lateMs = 4_000;
    await isStarted();
    expect(offMs()).toBe(0);
  });

  it('is moved by no answer that was long on its way, where it knows better', async () => {
    await isStarted();
    database.lateMs = 4_000;
    await jest.advanceTimersByTimeAsync(30_000);
    expect(offMs()).toBe(0);
  });

  it('keeps to the database where the machine is wrong, and learns of a change there', async () => {
    database.aheadMs = 60_000;
    await isStarted();
    expect(offMs()).toBe(60_000);
    database.aheadMs = 0;
    await jest.advanceTimersByTimeAsync(6_000);
    expect(offMs()).toBe(0);
  });

  it('learns of a change in the end also from answers that are long on their way', async () => {
    await isStarted();
    [database.aheadMs, database.lateMs] = [60_000, 2_000];
    await jest.advanceTimersByTimeAsync(180_000);
    expect(Math.abs(offMs() - 60_000)).toBeLessThanOrEqual(1_000);
  });
});
