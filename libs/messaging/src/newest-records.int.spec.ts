import { brokers, newContract, sendRaw } from './harness.shared.spec';
import { newestRecords } from './newest-records';

const record = (version: unknown, note: string): string => JSON.stringify({ type: 'spec.v1', data: { version, note } });

it('finds the highest version of each key, the first of equal ones, and passes over what is no record', async () => {
  const { topic } = await newContract();
  const messages: [key: string, value: string | null][] = [
    ['a', record(1, 'first')],
    ['b', record(7, 'newest')],
    ['a', record(3, 'newest')],
    ['b', record(6, 'of a restored owner')],
    ['a', record(3, 'of a restored owner')],
    ['a', record('9', 'no version')],
    ['b', 'not JSON'],
    ['c', 'null'],
    ['c', null],
  ];
  await sendRaw(
    topic,
    messages.map(([, value]) => value),
    (i) => messages[i]?.[0] ?? '',
  );
  const passedOver: object[] = [];
  const log = (_: string, fields: object): void => void passedOver.push(fields);
  const newest = await newestRecords({ brokers, clientId: 'spec', topic, log });
  expect([...newest].map(([key, { data }]) => [key, data])).toEqual([
    ['a', { version: 3, note: 'newest' }],
    ['b', { version: 7, note: 'newest' }],
  ]);
  expect(passedOver).toEqual(['5', '6', '7'].map((offset) => ({ topic, offset })));
});
