import type { Fault } from '@govbus/contracts';
import type { HeadedMessage } from '@govbus/messaging';
import { rejectedCopy } from './inbox-message';

const message: HeadedMessage = { key: null, value: Buffer.from('{}'), headers: [], timestamp: 0, offset: 7n };
const faultsIn = (faults: Fault[]): Fault[] => {
  const reason = { code: 'event.invalid', detail: 'not a CloudEvent', faults };
  return JSON.parse(String(rejectedCopy('inbox.a', 0, message, reason).headers.faults)) as Fault[];
};
const fault = (pointer: string): Fault => ({ pointer, code: 'attribute-name', detail: 'names are short' });

it('tells of a refused message every fault for which there is room, also behind one that is too long', () => {
  const [first, long, last] = [fault('/first'), fault(`/${'x'.repeat(200_000)}`), fault('/last')];
  expect(faultsIn([first, last])).toEqual([first, last]);
  expect(faultsIn([first, long, last])).toEqual([first, last]);
  const many = Array.from({ length: 20 }, (_, i) => fault(`/${i}${'x'.repeat(2_000)}`));
  const kept = faultsIn(many);
  expect(kept).toEqual(many.slice(0, kept.length));
  expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThanOrEqual(16 * 1024);
  expect(kept.length).toBeGreaterThan(5);
});
