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

/** With `dir` the data are kept; without, they are thrown away. */
export type KafkaOptions = { dir?: string; port?: number };
export type EmbeddedKafka = { brokers: string; process?: ServerProcess; stop: () => Promise<void> };

const jars = process.env.GOVBUS_KAFKA_LIB ?? join(__dirname, '../../../.govbus/kafka-4.1.1');

/**
 * A real Apache Kafka on loopback: one node, broker and controller (KRaft). Needs Java and the jars.
 *
 * Errors: `EmbeddedError`, saying what to do.
 */
export async function startKafka({ dir, port }: KafkaOptions = {}): Promise<EmbeddedKafka> {
  if (!existsSync(jars)) throw new EmbeddedError('Kafka is not installed here: run `node tools/prepare.mjs`');
  if (port !== undefined) await needFree(port, 'Kafka');
  const data = dataDir(dir, 'govbus-kafka-');
  if (dir) await sweep(data, 'SIGTERM');
  port ??= await freePort();
  const controller = await freePort();
  const file = join(data, 'server.properties');
  writeFileSync(file, properties(data, port, controller));
  const java = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', `${jars}/*`];
  if (!existsSync(join(data, 'log/meta.properties'))) {
    // Like `random-uuid`, without one more JVM; an id must not start with a hyphen.
    const id = `A${randomBytes(16).toString('base64url').slice(1)}`;
    execFileSync('java', [...java, 'kafka.tools.StorageTool', 'format', '-t', id, '-c', file], { stdio: 'pipe' });
  }
  const child = guarded('TERM', [], 'java', ['-Xms256m', '-Xmx768m', ...java, 'kafka.Kafka', file]);
  const stop = stopper(child, dir ? 'SIGTERM' : 'SIGKILL', dir ? undefined : data);
  await ready(child, 'Kafka', port).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { brokers: `127.0.0.1:${port}`, process: processOf(child), stop };
}

const properties = (data: string, port: number, controller: number): string => `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controller}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=${data}/log
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
num.partitions=6
`;
