import { setTimeout as pause } from 'node:timers/promises';
import { Invalid } from '@govbus/contracts';
import { type Admin, ConfigResourceTypes, ConfigSource } from 'kafkajs';
import { parse } from 'yaml';
import { kafkaOf, type Patience } from './connection';

export const profiles = ['single-node', 'cluster'] as const;
export type Profile = (typeof profiles)[number];
/** A topic and how it is set up in each profile. */
export type TopicSpec = {
  topic: string;
  partitions: number;
  config: Record<string, string>;
  profiles: Record<Profile, { replicas: number; config: Record<string, string> }>;
};

/** The topics of a `topics.yaml`. Errors: `Invalid` `topics.invalid`, saying where. */
export function readTopics(yamlText: string): TopicSpec[] {
  const file = objectOf(parse(yamlText), 'the file', ['topics', 'profiles']);
  const common = objectOf(file.profiles, 'profiles', [...profiles]);
  const listed = objectOf(file.topics, 'topics');
  return Object.entries(listed).map(([topic, value]) => {
    const spec = objectOf(value, topic, ['partitions', 'config', ...profiles]);
    const { partitions } = spec;
    if (typeof partitions !== 'number' || !Number.isInteger(partitions) || partitions < 1)
      throw fault(`${topic}: partitions must be a whole number from 1`);
    const of = (profile: Profile) => {
      const base = objectOf(common[profile], profile, ['replicas', 'config']);
      if (typeof base.replicas !== 'number') throw fault(`${profile}: replicas must be a number`);
      return {
        replicas: base.replicas,
        config: { ...configOf(base.config, profile), ...configOf(spec[profile], topic) },
      };
    };
    return {
      topic,
      partitions,
      config: configOf(spec.config, topic),
      profiles: { 'single-node': of('single-node'), cluster: of('cluster') },
    };
  });
}

type Order = { brokers: string[]; topics: TopicSpec[]; profile: Profile };

/**
 * Creates missing topics, adds partitions and sets configurations; never deletes.
 *
 * Shape: answers what it did, one line each; nothing when all was right. What an operator has set beside it on a topic
 *   stays; what only another profile sets goes, once the topic has the replicas of this one.
 */
export async function applyTopics({ brokers, topics, profile }: Order): Promise<string[]> {
  const admin = kafkaOf(brokers, 'govbus-topics').admin();
  await admin.connect();
  try {
    const done: string[] = [];
    const existing = new Set(await admin.listTopics());
    const missing = topics.filter(({ topic }) => !existing.has(topic));
    for (const { topic, partitions, config, profiles: by } of missing) {
      const { replicas, config: more } = by[profile];
      const configEntries = Object.entries({ ...config, ...more }).map(([name, value]) => ({ name, value }));
      const order = { topic, numPartitions: partitions, replicationFactor: replicas, configEntries };
      if (await admin.createTopics({ topics: [order], waitForLeaders: false })) done.push(`created ${topic}`);
    }
    await untilLed(
      admin,
      missing.map(({ topic }) => topic),
    );
    const kept = topics.filter(({ topic }) => existing.has(topic));
    if (kept.length === 0) return done;
    const { topics: found } = await admin.fetchTopicMetadata({ topics: kept.map(({ topic }) => topic) });
    for (const spec of kept) {
      const { topic, partitions } = spec;
      const there = found.find(({ name }) => name === topic)?.partitions ?? [];
      if (there.length < partitions) {
        await admin.createPartitions({ topicPartitions: [{ topic, count: partitions }] });
        done.push(`added partitions to ${topic}`);
      }
      if (await configure(admin, spec, profile, fewestReplicas(there))) done.push(`configured ${topic}`);
    }
    return done;
  } finally {
    await admin.disconnect();
  }
}

/**
 * Topics with fewer replicas than the profile says, which only an operator can change: one line each, saying how.
 *
 * Shape: the topics MUST exist, as after `applyTopics`.
 */
export async function missingReplicas({ brokers, topics, profile }: Order): Promise<string[]> {
  const admin = kafkaOf(brokers, 'govbus-topics').admin();
  await admin.connect();
  try {
    const { topics: found } = await admin.fetchTopicMetadata({ topics: topics.map(({ topic }) => topic) });
    return topics.flatMap(({ topic, profiles: by }) => {
      const { replicas } = by[profile];
      const has = fewestReplicas(found.find(({ name }) => name === topic)?.partitions ?? []);
      if (has >= replicas) return [];
      const counted = `${has} replica${has === 1 ? '' : 's'}`;
      return [`${topic} has ${counted} and should have ${replicas}: reassign it with kafka-reassign-partitions`];
    });
  } finally {
    await admin.disconnect();
  }
}

const fewestReplicas = (partitions: { replicas: number[] }[]): number =>
  Math.min(...partitions.map(({ replicas }) => replicas.length));

// Kafka forgets what the request does not name, so what is to stay stands in it as well.
async function configure(admin: Admin, spec: TopicSpec, profile: Profile, replicas: number): Promise<boolean> {
  const { topic, config, profiles: by } = spec;
  const type = ConfigResourceTypes.TOPIC;
  const wanted = { ...config, ...by[profile].config };
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type, name: topic }] });
  const entries = resources[0]?.configEntries ?? [];
  const now = new Map(entries.map(({ configName, configValue }) => [configName, configValue]));
  const others = profiles.flatMap((name) => Object.keys(by[name].config));
  // As long as replicas are missing, a write is safe only by what forces it to the disk of one broker.
  const goes = (name: string): boolean => replicas >= by[profile].replicas && others.includes(name);
  const set = entries.filter(
    ({ configName, configSource }) => configSource === ConfigSource.TOPIC_CONFIG && !(configName in wanted),
  );
  const stays = set.filter(({ configName }) => !goes(configName));
  const isRight =
    stays.length === set.length && Object.entries(wanted).every(([name, value]) => now.get(name) === value);
  if (isRight) return false;
  const configEntries = [
    ...stays.map(({ configName: name, configValue: value }) => ({ name, value })),
    ...Object.entries(wanted).map(([name, value]) => ({ name, value })),
  ];
  await admin.alterConfigs({ validateOnly: false, resources: [{ type, name: topic, configEntries }] });
  return true;
}

/** A topic that a service makes for somebody else, by need; `deploy/topics.yaml` lists only those that always are. */
export type NewTopic = { topic: string; partitions: number; config: Record<string, string> };

/**
 * Creates the missing ones of these topics, with as many replicas as the brokers' own `default.replication.factor`; on a
 * single broker a write is forced to disk before it is acknowledged, as in the profile `single-node`.
 *
 * Shape: answers the topics created; those that are there stay as they are.
 */
export async function createTopics(options: Patience & { brokers: string[]; topics: NewTopic[] }): Promise<string[]> {
  const admin = kafkaOf(options.brokers, 'govbus-topics', options).admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const missing = options.topics.filter(({ topic }) => !existing.has(topic));
    if (missing.length === 0) return [];
    const { brokers } = await admin.describeCluster();
    const forced = brokers.length === 1 ? { 'flush.messages': '1' } : {};
    const orders = missing.map(({ topic, partitions, config }) => ({
      topic,
      numPartitions: partitions,
      replicationFactor: -1,
      configEntries: Object.entries({ ...config, ...forced }).map(([name, value]) => ({ name, value })),
    }));
    await admin.createTopics({ topics: orders, waitForLeaders: false });
    const topics = missing.map(({ topic }) => topic);
    await untilLed(admin, topics);
    return topics;
  } finally {
    await admin.disconnect();
  }
}

/** Removes those of these topics that are there, and all that is in them. */
export async function deleteTopics(options: Patience & { brokers: string[]; topics: string[] }): Promise<void> {
  if (options.topics.length === 0) return;
  const admin = kafkaOf(options.brokers, 'govbus-topics', options).admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const topics = options.topics.filter((topic) => existing.has(topic));
    if (topics.length > 0) await admin.deleteTopics({ topics });
  } finally {
    await admin.disconnect();
  }
}

/**
 * Waits until every partition has a leader that answers. kafkajs's own wait gives up at the first broker that has not
 * heard of the topic yet, which a busy broker may need seconds for; and a broker names itself the leader before it has
 * opened the partition: a send would then be taken by some partitions and refused by others.
 */
async function untilLed(admin: Admin, topics: string[]): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (topics.length > 0) {
    try {
      const { topics: found } = await admin.fetchTopicMetadata({ topics });
      if (found.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))) {
        for (const topic of topics) await admin.fetchTopicOffsets(topic);
        return;
      }
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    if (performance.now() > deadline) throw new Error(`no leader for ${topics.join(', ')}`);
    await pause(50);
  }
}

const fault = (detail: string): Invalid => new Invalid('topics.invalid', detail);
function objectOf(value: unknown, where: string, keys?: string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw fault(`${where}: must be a mapping`);
  const strange = keys && Object.keys(value).find((key) => !keys.includes(key));
  if (strange) throw fault(`${where}: \`${strange}\` is not known here`);
  return { ...value };
}
function configOf(value: unknown, where: string): Record<string, string> {
  const config = objectOf(value ?? {}, where);
  return Object.fromEntries(Object.entries(config).map(([name, setting]) => [name, String(setting)]));
}
