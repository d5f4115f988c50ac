import { createRequire } from 'node:module';
import { groupByPartition, murmur2 } from './fast-partitions';

const load = createRequire(__filename);
const original = {
  murmur2: load('kafkajs/src/producer/partitioners/default/murmur2') as typeof murmur2,
  group: load('kafkajs/src/producer/groupMessagesPerPartition') as typeof groupByPartition,
};

it('hashes every key as Kafka does', () => {
  // Of Kafka's own test, UtilsTest.testMurmur2.
  expect(murmur2('21')).toBe(-973932308);
  expect(murmur2('foobar')).toBe(-790332482);
  expect(murmur2('a-little-bit-long-string')).toBe(-985981536);
  const keys = [
    '',
    'é',
    '动物',
    '😀',
    'bench-1',
    'x'.repeat(999),
    ...Array.from({ length: 500 }, (_, n) => `reports-${n * n}`),
  ];
  for (const key of keys) {
    expect(murmur2(key)).toBe(original.murmur2(key));
    expect(murmur2(Buffer.from(key))).toBe(original.murmur2(Buffer.from(key)));
  }
});

it('groups as kafkajs does', () => {
  const messages = Array.from({ length: 300 }, (_, n) => ({ key: `k${n % 17}`, n }));
  const partitioner = ({ message }: { message: { key?: string | Buffer | null } }): number =>
    Math.abs(murmur2(message.key ?? '')) % 5;
  const of = { topic: 't', partitionMetadata: [{}, {}, {}, {}, {}], messages, partitioner };
  expect(groupByPartition(of)).toEqual(original.group(of));
  expect(groupByPartition({ ...of, partitionMetadata: [] })).toEqual({});
});
