import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { atEnd, brokers, eventually, newContract, quiet, sendRaw } from './harness.shared.spec';
import { type HeadedMessage, TopicsReader } from './topics-reader';

const jars = process.env.GOVBUS_KAFKA_LIB ?? join(__dirname, '../../../.govbus/kafka-4.1.1');

/** Sends lines `header:value<tab>message` by Kafka's own producer; of a header `NULL` it writes no value. */
function sendLines(topic: string, lines: string[]): void {
  const properties = ['parse.headers=true', 'null.marker=NULL'].flatMap((one) => ['--property', one]);
  const command = ['org.apache.kafka.tools.ConsoleProducer', '--bootstrap-server', brokers.join(','), '--topic', topic];
  execFileSync('java', ['-cp', `${jars}/*`, ...command, ...properties], { input: lines.join('\n'), stdio: 'pipe' });
}

it('takes a header without a value, which other clients may send, for one that is absent', async () => {
  const { topic } = await newContract();
  sendLines(topic, ['a:1,b:NULL,c:\tfirst', 'a:2\tsecond']);
  const read: HeadedMessage[] = [];
  const onBatch = (_topic: string, _partition: number, messages: HeadedMessage[]) =>
    Promise.resolve(void read.push(...messages));
  const own = { groupId: randomUUID(), log: quiet, maxBatch: 10, onBatch };
  const reader = new TopicsReader({ brokers, clientId: 'spec', ...own });
  atEnd(() => reader.stop());
  await reader.read([topic]);
  await eventually(() => expect(read).toHaveLength(2));
  expect(read.map(({ value, headers }) => [String(value), headers.map(([name, of]) => [name, String(of)])])).toEqual([
    // prettier-ignore
    ['first', [['a', '1'], ['c', '']]],
    ['second', [['a', '2']]],
  ]);
});

it('brings again, after the rest, what was left', async () => {
  const { topic } = await newContract();
  await sendRaw(topic, ['first', 'second']);
  const [left, taken]: [string[], string[]] = [[], []];
  const onBatch = (_topic: string, _partition: number, messages: HeadedMessage[]) => {
    const isLeft = left.length === 0;
    (isLeft ? left : taken).push(...messages.map(({ value }) => String(value)));
    return Promise.resolve(isLeft ? { restMs: 300, isLeft } : undefined);
  };
  const reader = new TopicsReader({
    brokers,
    clientId: 'spec',
    groupId: randomUUID(),
    log: quiet,
    maxBatch: 10,
    onBatch,
  });
  atEnd(() => reader.stop());
  await reader.read([topic]);
  await eventually(() => expect(taken).toEqual(['first', 'second']));
  expect(left[0]).toBe('first');
});
