import { randomUUID } from 'node:crypto';
import { CaughtUp } from './caught-up';
import { kafkaOf } from './connection';
import { atEnd, brokers, eventually, newContract, sendRaw } from './harness.shared.spec';

it('tells that everything is handled, and not while anything is not', async () => {
  const { topic } = await newContract();
  const consumer = kafkaOf(brokers, 'spec').consumer({ groupId: randomUUID(), maxWaitTimeInMs: 100 });
  atEnd(() => consumer.disconnect());
  const caughtUp = new CaughtUp(consumer);
  let told = 0;
  caughtUp.onCaughtUp((topics, at) => {
    expect(topics).toEqual([topic]);
    told = at;
  });
  let release = (): void => undefined;
  let handling = 0;
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    eachBatch: () => {
      handling = performance.now();
      return new Promise((done) => (release = done));
    },
  });
  await eventually(() => expect(told).toBeGreaterThan(0));
  await sendRaw(topic, ['1']);
  await eventually(() => expect(handling).toBeGreaterThan(0));
  // Whatever it told, it told before the message was there.
  const before = told;
  expect(before).toBeLessThanOrEqual(handling);
  const sentAt = performance.now();
  release();
  await eventually(() => expect(told).toBeGreaterThan(before));
  await eventually(() => expect(told).toBeGreaterThan(sentAt));
});
