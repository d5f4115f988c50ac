import { randomUUID } from 'node:crypto';
import { ConsumerLoop } from './consumer-loop';
import { atEnd, eventually, kafka, newContract, sendRaw } from './harness.shared.spec';

it('rests before it begins again after a fault that comes with the same message each time', async () => {
  const { topic } = await newContract();
  await sendRaw(topic, ['poison']);
  const tries: number[] = [];
  const told: string[] = [];
  const loop = new ConsumerLoop(
    kafka().consumer({ groupId: randomUUID() }),
    [topic],
    () => {
      tries.push(performance.now());
      // kafkajs gives up for good on a TypeError.
      return Promise.reject(new TypeError('planted'));
    },
    (_level, _fields, text) => told.push(text),
  );
  atEnd(() => loop.stop());
  loop.start();
  const [first = 0, , third = 0] = await eventually(() => {
    expect(tries.length).toBeGreaterThanOrEqual(3);
    return tries;
  });
  expect(third - first).toBeGreaterThanOrEqual(2_000);
  // Begun before kafkajs had closed what the crash left, it would fail once more.
  expect(new Set(told)).toEqual(new Set(['consumer crashed']));
});
