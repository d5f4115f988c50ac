import { whileStands } from './while-stands';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

it.each([
  ['has ended', () => false],
  ['cannot be told', () => Promise.reject(new Error('planted'))],
])('work is cut off within a quarter of a second when its right %s (P5)', async (_, ended) => {
  const cutting = new AbortController();
  let stands: () => boolean | Promise<boolean> = () => true;
  const work = () => new Promise<void>((done) => cutting.signal.addEventListener('abort', () => done()));
  const working = whileStands(() => stands(), cutting, work);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(cutting.signal.aborted).toBe(false);
  stands = ended;
  await jest.advanceTimersByTimeAsync(250);
  expect(cutting.signal.aborted).toBe(true);
  await working;
  expect(jest.getTimerCount()).toBe(0);
});
