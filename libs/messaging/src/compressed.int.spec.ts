import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { CompressionTypes } from 'kafkajs';
import { atEnd, brokers, eventually, kafka, newContract, sendRaw } from './harness.shared.spec';

const jars = process.env.GOVBUS_KAFKA_LIB ?? join(__dirname, '../../../.govbus/kafka-4.1.1');

/** Sends lines by Kafka's own producer, compressed. */
function sendLines(topic: string, codec: string, lines: string[]): void {
  const options = ['--bootstrap-server', brokers.join(','), '--topic', topic, '--compression-codec', codec];
  // Many of them in one batch.
  const batch = ['--producer-property', 'linger.ms=500', '--producer-property', 'batch.size=500000'];
  const command = ['org.apache.kafka.tools.ConsoleProducer', ...options, ...batch];
  execFileSync('java', ['-cp', `${jars}/*`, ...command], { input: lines.join('\n'), stdio: 'pipe' });
}

/** What a process of its own reads, where kafkajs is as the services have it. */
function readBy(topics: string[]) {
  const script = `
    const { TopicsReader } = require('./dist/index');
    const onBatch = async (topic, partition, messages) => {
      for (const { value, headers } of messages)
        console.log(JSON.stringify([topic, String(value), headers.map(([name]) => name)]));
    };
    const own = { brokers: process.env.KAFKA_BROKERS.split(','), clientId: 'spec', groupId: '${randomUUID()}' };
    void new TopicsReader({ ...own, maxBatch: 100, log: () => undefined, onBatch }).read(${JSON.stringify(topics)});`;
  const env = { ...process.env, NODE_OPTIONS: '', KAFKA_BROKERS: brokers.join(',') };
  const child = spawn(process.execPath, ['-e', script], {
    cwd: join(__dirname, '..'),
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  });
  atEnd(() => Promise.resolve(child.kill('SIGKILL')));
  let said = '';
  child.stdout.on('data', (text: Buffer) => (said += text.toString()));
  const lines = (): [topic: string, value: string, headers: string[]][] =>
    said
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as [string, string, string[]]);
  return (of: string) => lines().filter(([topic]) => topic === of);
}

const codecs = ['gzip', 'snappy', 'lz4', 'zstd'] as const;

it('reads what other clients compress with any codec, each message of it', async () => {
  // Some that repeats itself and some that does not, larger than the blocks of a codec.
  const lines = Array.from({ length: 300 }, (_, i) => `${i} ${'govbus '.repeat(i)} ${randomUUID()}`);
  const topics = await Promise.all(codecs.map(async () => (await newContract()).topic as string));
  for (const [i, codec] of codecs.entries()) sendLines(topics[i] ?? '', codec, lines);
  const read = readBy(topics);
  for (const topic of topics) await eventually(() => expect(read(topic).map(([, value]) => value)).toEqual(lines));
});

it('tells of a batch that holds too much once it is undone, and goes on behind it and elsewhere', async () => {
  const [{ topic }, { topic: other }] = await Promise.all([newContract(), newContract()]);
  const producer = kafka().producer();
  atEnd(() => producer.disconnect());
  await producer.connect();
  const send = (messages: { value: string }[]) =>
    producer.send({ topic, messages, compression: CompressionTypes.GZIP });
  await send(Array<{ value: string }>(20).fill({ value: '0'.repeat(1024 * 1024) }));
  await send([{ value: 'behind' }]);
  await sendRaw(other, ['elsewhere']);
  const read = readBy([topic, other]);
  const tooLarge = [expect.stringContaining('at most'), ['govbus-unreadable-batch']];
  await eventually(() =>
    expect(read(topic)).toEqual([
      [topic, ...tooLarge],
      [topic, 'behind', []],
    ]),
  );
  await eventually(() => expect(read(other)).toEqual([[other, 'elsewhere', []]]));
});
