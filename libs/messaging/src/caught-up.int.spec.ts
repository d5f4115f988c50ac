import { randomUUID } from 'node:crypto';
import { CaughtUp } from './caught-up';
import { kafkaOf } from './connection';
import { atEnd, brokers, eventually, newContract, quiet, sendRaw } from './harness.shared.spec';

/** When each topic was last told to be handled; beside `topic` one that holds nothing, which shows that it was asked. */
async function watched(topic: string, groupId: string) {
  const { topic: empty } = await newContract();
  const caughtUp = new CaughtUp({ brokers, clientId: 'spec', groupId, log: quiet });
  atEnd(() => caughtUp.stop());
  const told = { topic: 0, empty: 0 };
  caughtUp.start([topic, empty], (topics, at) => {
    if (topics.includes(topic)) told.topic = at;
    if (topics.includes(empty)) told.empty = at;
  });
  /** Waits until it was asked anew, some times. */
  const asked = async (): Promise<void> => {
    const since = performance.now();
    await eventually(() => expect(told.empty).toBeGreaterThan(since + 1_000));
  };
  return { told, asked };
}

it('tells that everything is handled, and not while anything is not', async () => {
  const { topic } = await newContract();
  const groupId = randomUUID();
  const consumer = kafkaOf(brokers, 'spec').consumer({ groupId, maxWaitTimeInMs: 100 });
  atEnd(() => consumer.disconnect());
  const { told, asked } = await watched(topic, groupId);
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
  await eventually(() => expect(told.topic).toBeGreaterThan(0));
  await sendRaw(topic, ['1']);
  const sentAt = performance.now();
  await eventually(() => expect(handling).toBeGreaterThan(0));
  await asked();
  // Whatever it told, it told before the message was there.
  expect(told.topic).toBeLessThanOrEqual(sentAt);
  release();
  await eventually(() => expect(told.topic).toBeGreaterThan(sentAt));
});

it('tells nothing of what nobody reads', async () => {
  const { topic } = await newContract();
  await sendRaw(topic, ['1']);
  const { told, asked } = await watched(topic, randomUUID());
  await asked();
  expect(told.topic).toBe(0);
});

it('tells nothing of a topic that ends before what was handled of it: Kafka has lost data, or it was made anew', async () => {
  const { topic } = await newContract();
  const groupId = randomUUID();
  await sendRaw(topic, ['1']);
  const admin = kafkaOf(brokers, 'spec').admin();
  atEnd(() => admin.disconnect());
  await admin.connect();
  await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: '5' }] });
  const { told, asked } = await watched(topic, groupId);
  await asked();
  expect(told.topic).toBe(0);
  await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: '1' }] });
  await eventually(() => expect(told.topic).toBeGreaterThan(0));
});
