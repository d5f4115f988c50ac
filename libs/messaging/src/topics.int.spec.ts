import { randomUUID } from 'node:crypto';
import { ConfigResourceTypes } from 'kafkajs';
import { brokers, eventually, kafka } from './harness.shared.spec';
import { applyTopics, missingReplicas, type TopicSpec } from './topics';

/** A topic that is safe by the disk of one broker, or in a cluster by so many replicas. */
const specOf = (topic: string, replicas: number): TopicSpec => ({
  topic,
  partitions: 2,
  config: { 'retention.ms': '1000000' },
  profiles: {
    'single-node': { replicas: 1, config: { 'min.insync.replicas': '1', 'flush.messages': '1' } },
    cluster: { replicas, config: { 'min.insync.replicas': '2' } },
  },
});

async function configOf(topic: string, set?: Record<string, string>): Promise<Record<string, string>> {
  const admin = kafka().admin();
  await admin.connect();
  const resource = { type: ConfigResourceTypes.TOPIC, name: topic };
  if (set) {
    const configEntries = Object.entries(set).map(([name, value]) => ({ name, value }));
    await admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries }] });
  }
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
  await admin.disconnect();
  return Object.fromEntries((resources[0]?.configEntries ?? []).map((one) => [one.configName, one.configValue]));
}

// The broker that is asked may not have heard yet of what another, or its controller, has acknowledged.
const isConfigured = (topic: string, wanted: object): Promise<void> =>
  eventually(async () => expect(await configOf(topic)).toMatchObject(wanted));

describe('topics of one broker in a cluster', () => {
  it('are told with the replicas that they lack, and are forced to disk until they have them', async () => {
    const topic = `spec-${randomUUID()}`;
    const order = { brokers, topics: [specOf(topic, 3)] };
    expect(await applyTopics({ ...order, profile: 'single-node' })).toEqual([`created ${topic}`]);
    expect(await missingReplicas({ ...order, profile: 'single-node' })).toEqual([]);

    expect(await applyTopics({ ...order, profile: 'cluster' })).toEqual([`configured ${topic}`]);
    await isConfigured(topic, { 'min.insync.replicas': '2', 'flush.messages': '1' });
    expect(await applyTopics({ ...order, profile: 'cluster' })).toEqual([]);
    expect(await missingReplicas({ ...order, profile: 'cluster' })).toEqual([
      `${topic} has 1 replica and should have 3: reassign it with kafka-reassign-partitions`,
    ]);
  });

  it('keep what an operator set, and lose what only a single broker needs, once they have their replicas', async () => {
    const topic = `spec-${randomUUID()}`;
    const order = { brokers, topics: [specOf(topic, 1)] };
    await applyTopics({ ...order, profile: 'single-node' });
    const operators = { 'retention.ms': '5', 'flush.messages': '1', 'segment.bytes': '2000000' };
    await configOf(topic, operators);
    await isConfigured(topic, operators);

    expect(await applyTopics({ ...order, profile: 'cluster' })).toEqual([`configured ${topic}`]);
    await isConfigured(topic, {
      'retention.ms': '1000000',
      'min.insync.replicas': '2',
      'segment.bytes': '2000000',
      'flush.messages': '9223372036854775807',
    });
    expect(await applyTopics({ ...order, profile: 'cluster' })).toEqual([]);
  });
});
