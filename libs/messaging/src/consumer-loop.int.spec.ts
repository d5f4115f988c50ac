import { randomUUID } from 'node:crypto';
import { memberOptions } from './connection';
import { ConsumerLoop } from './consumer-loop';
import { atEnd, eventually, kafka, newContract, sendRaw } from './harness.shared.spec';

it('rests before it begins again after a fault that comes with the same message each time', async () => {
  const { topic } = await newContract();
  await sendRaw(topic, ['poison']);
  const consumer = kafka().consumer({ groupId: randomUUID(), ...memberOptions });
  const [joins, crashes]: [number[], number[]] = [[], []];
  const told = new Set<string>();
  consumer.on(consumer.events.GROUP_JOIN, () => void joins.push(performance.now()));
  const loop = new ConsumerLoop(
    consumer,
    [topic],
    // kafkajs gives up for good on a TypeError.
    () => Promise.reject(new TypeError('planted')),
    (_level, _fields, text) => {
      told.add(text);
      crashes.push(performance.now());
    },
  );
  atEnd(() => loop.stop());
  loop.start();
  await eventually(() => expect(crashes.length).toBeGreaterThanOrEqual(3));
  for (const at of crashes.slice(0, 2))
    // A timer may be early by a part of a millisecond.
    expect((joins.find((join) => join > at) ?? 0) - at).toBeGreaterThanOrEqual(999);
  // Begun before kafkajs had closed what the crash left, it would fail once more.
  expect(told).toEqual(new Set(['consumer crashed']));
});

it('begins once, however many want it to begin, and whatever it does at the moment', async () => {
  const { topic } = await newContract();
  const consumer = kafka().consumer({ groupId: randomUUID(), ...memberOptions });
  const told: string[] = [];
  const handled: string[] = [];
  let begun = 0;
  consumer.on(consumer.events.GROUP_JOIN, () => void (begun += 1));
  const loop = new ConsumerLoop(
    consumer,
    [topic],
    ({ batch, resolveOffset }) => {
      for (const { offset, value } of batch.messages) {
        handled.push(String(value));
        resolveOffset(offset);
        if (String(value) === 'poison') return Promise.reject(new TypeError('planted'));
      }
      return Promise.resolve();
    },
    (_level, _fields, text) => told.push(text),
  );
  atEnd(() => loop.stop());
  loop.start();
  await eventually(() => expect(begun).toBe(1));
  await sendRaw(topic, ['poison']);
  await eventually(() => expect(told).toContain('consumer crashed'));
  await Promise.all([loop.restart(), loop.restart()]);
  await sendRaw(topic, ['2']);
  await eventually(() => expect(handled).toEqual(['poison', '2']));
  // The start, the one after the crash, and the two.
  expect([begun, told]).toEqual([4, ['consumer crashed']]);
});
