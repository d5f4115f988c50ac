import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  dataDir,
  EmbeddedError,
  freePort,
  guarded,
  needFree,
  processOf,
  ready,
  type ServerProcess,
  stopper,
  sweep,
} from './process';

/** One node of a cluster, by its place in `nodes`; the ports of all are fixed, so that each finds the others again. */
export type KafkaMember = { index: number; nodes: { port: number; controller: number }[] };
/**
 * With `dir` the data are kept; without, they are thrown away. `more` are lines of settings that come after ours, of which
 * the last counts, and options for Java.
 */
export type KafkaOptions = {
  dir?: string;
  port?: number;
  member?: KafkaMember;
  more?: { properties: string; java: string[] };
};
export type EmbeddedKafka = { brokers: string; process?: ServerProcess; stop: () => Promise<void> };

// Of every embedded cluster: its nodes must agree on one. A node alone gets an id of its own.
const clusterId = 'Z292YnVzLWVtYmVkZGVkIQ';
const jars = process.env.GOVBUS_KAFKA_LIB ?? join(__dirname, '../../../.govbus/kafka-4.1.1');

/**
 * A real Apache Kafka on loopback: one node, broker and controller (KRaft). Needs Java and the jars.
 *
 * Shape: a `member` of a cluster is ready only when most of its nodes are up: start them together. It is killed and
 *   started again like a node alone.
 * Errors: `EmbeddedError`, saying what to do.
 */
export async function startKafka({ dir, port: given, member, more }: KafkaOptions = {}): Promise<EmbeddedKafka> {
  const own = member?.nodes[member.index];
  let port = own?.port ?? given;
  if (!existsSync(jars)) throw new EmbeddedError('Kafka is not installed here: run `node tools/prepare.mjs`');
  if (port !== undefined) await needFree(port, 'Kafka');
  const data = dataDir(dir, 'govbus-kafka-');
  if (dir) await sweep(data, 'SIGTERM');
  port ??= await freePort();
  const node = own ?? { port, controller: await freePort() };
  const file = join(data, 'server.properties');
  writeFileSync(file, properties(data, node, member ?? { index: 0, nodes: [node] }) + (more?.properties ?? ''));
  const java = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', `${jars}/*`];
  if (!existsSync(join(data, 'log/meta.properties'))) {
    // Like `random-uuid`, without one more JVM; an id must not start with a hyphen.
    const id = member ? clusterId : `A${randomBytes(16).toString('base64url').slice(1)}`;
    execFileSync('java', [...java, 'kafka.tools.StorageTool', 'format', '-t', id, '-c', file], { stdio: 'pipe' });
  }
  // Three of them share the machine, so each starts quickly and stays small rather than becoming fast.
  const heap = member
    ? ['-Xms128m', '-Xmx384m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']
    : ['-Xms256m', '-Xmx768m'];
  const child = guarded('TERM', [], 'java', [...heap, ...(more?.java ?? []), ...java, 'kafka.Kafka', file]);
  const stop = stopper(child, dir ? 'SIGTERM' : 'SIGKILL', dir ? undefined : data);
  await ready(child, 'Kafka', port).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { brokers: `127.0.0.1:${port}`, process: processOf(child), stop };
}

// A node that the machine leaves no time for a while is not dead: with the defaults of one and two seconds a busy
// machine elects all the time.
const patientQuorum = `controller.quorum.election.timeout.ms=3000
controller.quorum.fetch.timeout.ms=6000`;
const properties = (data: string, node: KafkaMember['nodes'][number], { index, nodes }: KafkaMember): string => {
  const voters = nodes.map(({ controller }, i) => `${i + 1}@127.0.0.1:${controller}`).join(',');
  const inSync = Math.max(1, nodes.length - 1);
  return `process.roles=broker,controller
node.id=${index + 1}
controller.quorum.voters=${voters}
${nodes.length > 1 ? patientQuorum : ''}
listeners=PLAINTEXT://127.0.0.1:${node.port},CONTROLLER://127.0.0.1:${node.controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${node.port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=${data}/log
default.replication.factor=${nodes.length}
min.insync.replicas=${inSync}
offsets.topic.replication.factor=${nodes.length}
transaction.state.log.replication.factor=${nodes.length}
transaction.state.log.min.isr=${inSync}
share.coordinator.state.topic.replication.factor=${nodes.length}
share.coordinator.state.topic.min.isr=${inSync}
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
num.partitions=6
`;
};
