import { freePort, startKafka } from '@govbus/embedded';
import { CaughtUp } from './caught-up';
import { atEnd, countOn, eventually, kafka, quiet } from './harness.shared.spec';
import { Producer } from './producer';
import { createTopics } from './topics';

// A dead broker is missed after three seconds rather than nine.
const more = { properties: 'broker.session.timeout.ms=3000\nbroker.heartbeat.interval.ms=500\n', java: [] };

async function newCluster() {
  const nodes: { port: number; controller: number }[] = [];
  for (let i = 0; i < 3; i += 1) nodes.push({ port: await freePort(), controller: await freePort() });
  const servers = await Promise.all(nodes.map((_, index) => startKafka({ member: { index, nodes }, more })));
  atEnd(() => Promise.all(servers.map(({ stop }) => stop())));
  const kill = (at: number): void => void process.kill(servers[at]?.process?.pid ?? 0, 'SIGKILL');
  return { brokers: servers.map(({ brokers }) => brokers), kill };
}

async function replicasOf(topic: string, brokers: string[]): Promise<number[]> {
  const admin = kafka(brokers).admin();
  await admin.connect();
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  await admin.disconnect();
  return topics.flatMap(({ partitions }) => partitions.map(({ replicas }) => replicas.length));
}

/** A group that reads a topic, and when it was last known to have handled all of it; `stop` ends both. */
async function read(topic: string, brokers: string[]) {
  const groupId = 'reader';
  const consumer = kafka(brokers).consumer({ groupId, sessionTimeout: 6_000, heartbeatInterval: 1_000 });
  const caughtUp = new CaughtUp({ brokers, clientId: 'spec', groupId, log: quiet });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({ eachMessage: () => Promise.resolve() });
  const handled = { at: 0, stop: () => Promise.all([consumer.disconnect(), caughtUp.stop()]) };
  caughtUp.start([topic], (_, at) => (handled.at = at));
  return handled;
}

it('keeps topics made by need on three brokers, acknowledges while two of them live, and nothing with one alone', async () => {
  const { brokers, kill } = await newCluster();
  const topic = 'made-by-need';
  expect(await createTopics({ brokers, topics: [{ topic, partitions: 3, config: {} }] })).toEqual([topic]);
  expect(await replicasOf(topic, brokers)).toEqual([3, 3, 3]);

  const producer = new Producer({ brokers, clientId: 'spec', requestTimeoutMs: 1_000, retries: 1 });
  atEnd(() => producer.disconnect());
  const send = (key: number) => producer.send({ topic, key: String(key), value: 'x' });
  for (let key = 0; key < 20; key += 1) await eventually(() => send(key));
  const handled = await read(topic, brokers);
  await eventually(() => expect(handled.at).toBeGreaterThan(0));
  kill(0);
  const killedAt = performance.now();
  const survivors = brokers.slice(1);
  for (let key = 20; key < 40; key += 1) await eventually(() => send(key));
  // What was not acknowledged may be there as well: at least once, never less.
  expect(await eventually(() => countOn(topic, survivors))).toBeGreaterThanOrEqual(40);

  // A broker that stays away holds up nobody who must know that everything is read.
  await eventually(() => expect(handled.at).toBeGreaterThan(killedAt + 5_000));
  // In Jest kafkajs is as it was made: a consumer that stops while brokers die may never end.
  await handled.stop();

  kill(1);
  await expect(send(40)).rejects.toMatchObject({ code: 'bus.unavailable' });
});
