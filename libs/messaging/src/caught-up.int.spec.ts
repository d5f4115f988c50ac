import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { CaughtUp } from './caught-up';
import { kafkaOf } from './connection';
import { atEnd, brokers, eventually, newContract, quiet, sendRaw } from './harness.shared.spec';

/** When a topic was last told to be handled. */
function watched(topic: string, groupId: string) {
  const caughtUp = new CaughtUp({ brokers, clientId: 'spec', groupId, log: quiet });
  atEnd(() => caughtUp.stop());
  const told = { at: 0 };
  caughtUp.start([topic], (about, at) => {
    expect(about).toBe(topic);
    told.at = at;
  });
  return told;
}

it('tells that everything is handled, and not while anything is not', async () => {
  const { topic } = await newContract();
  const groupId = randomUUID();
  const consumer = kafkaOf(brokers, 'spec').consumer({ groupId, maxWaitTimeInMs: 100 });
  atEnd(() => consumer.disconnect());
  const told = watched(topic, groupId);
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
  await eventually(() => expect(told.at).toBeGreaterThan(0));
  await sendRaw(topic, ['1']);
  const sentAt = performance.now();
  await eventually(() => expect(handling).toBeGreaterThan(0));
  await pause(1_000);
  // Whatever it told, it told before the message was there.
  expect(told.at).toBeLessThanOrEqual(sentAt);
  release();
  await eventually(() => expect(told.at).toBeGreaterThan(sentAt));
});

it('tells nothing of what nobody reads', async () => {
  const { topic } = await newContract();
  await sendRaw(topic, ['1']);
  const told = watched(topic, randomUUID());
  await pause(1_500);
  expect(told.at).toBe(0);
});
