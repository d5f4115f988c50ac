import { createRequire } from 'node:module';
import { groupByPartition, murmur2 } from './fast-partitions';
import { crc32c, encodeRecord } from './fast-records';

/** The inner modules of kafkajs that are replaced, and by what (decision 10). */
export const replaced = {
  'kafkajs/src/protocol/recordBatch/record/v0': encodeRecord,
  'kafkajs/src/protocol/recordBatch/crc32C': crc32c,
  'kafkajs/src/producer/partitioners/default/murmur2': murmur2,
  'kafkajs/src/producer/groupMessagesPerPartition': groupByPartition,
};

// Whoever loads these modules later gets ours: this file comes before `kafkajs` itself.
const load = createRequire(__filename);
for (const [path, by] of Object.entries(replaced)) {
  load(path);
  const loaded = load.cache[load.resolve(path)];
  if (loaded) loaded.exports = by;
}
