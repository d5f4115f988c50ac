import Module, { createRequire } from 'node:module';
import { type CreateFetchManager, endingFetches } from './ending-fetches';
import { batchEncoder, type EncodeBatch } from './fast-batches';
import { batchDecoder, type DecodeBatch } from './fast-decoding';
import { mendEncoder } from './fast-encoder';
import { groupByPartition, murmur2 } from './fast-partitions';
import { crc32c, encodeRecord } from './fast-records';
import { type ConnectionErrors, mendBroker, mendConnection, mendRequestQueue } from './mended-connections';
import { mendGroup, mendRunner } from './mended-groups';
import { mendMetadata, mendPool } from './mended-metadata';
import { createSendMessages } from './whole-sends';

/** The inner modules of kafkajs that are replaced, and by what (decision 10). */
export const replaced = {
  'kafkajs/src/protocol/recordBatch/record/v0': encodeRecord,
  'kafkajs/src/protocol/recordBatch/crc32C': crc32c,
  'kafkajs/src/producer/partitioners/default/murmur2': murmur2,
  'kafkajs/src/producer/groupMessagesPerPartition': groupByPartition,
  'kafkajs/src/producer/sendMessages': createSendMessages,
};

// Whoever loads these modules later gets ours: this file comes before `kafkajs` itself. They stand in the cache without
// having been loaded, as what tracing puts around `require` remembers what it has once loaded.
const load = createRequire(__filename);
for (const [path, by] of Object.entries(replaced)) replace(path, by);

function original(path: string): unknown {
  const aside = new Module(load.resolve(path)) as Module & { load: (file: string) => void };
  aside.load(aside.id);
  return aside.exports;
}

function replace(path: string, by: unknown): void {
  const file = load.resolve(path);
  load.cache[file] = Object.assign(new Module(file), { exports: by, filename: file, loaded: true });
}

// Two that still need their originals, which therefore are loaded on the side, and two of which only a part is replaced.
const decoder = 'kafkajs/src/protocol/recordBatch/v0/decoder';
replace(decoder, batchDecoder(original(decoder) as DecodeBatch));
const fetches = 'kafkajs/src/consumer/fetchManager';
replace(fetches, endingFetches(original(fetches) as CreateFetchManager));
const batches = load('kafkajs/src/protocol/recordBatch/v0') as { RecordBatch: EncodeBatch };
batches.RecordBatch = batchEncoder(batches.RecordBatch);

// Classes that stay as they are but for a few of their functions.
const prototypeOf = <T>(path: string): T => (load(path) as { prototype: T }).prototype;
const errors = load('kafkajs/src/errors') as ConnectionErrors;
mendEncoder(prototypeOf('kafkajs/src/protocol/encoder'));
mendConnection(prototypeOf('kafkajs/src/network/connection'), errors);
mendBroker(prototypeOf('kafkajs/src/broker'), errors);
mendRequestQueue(prototypeOf('kafkajs/src/network/requestQueue'));
mendPool(prototypeOf('kafkajs/src/cluster/brokerPool'));
mendMetadata(load('kafkajs/src/protocol/requests/metadata') as Parameters<typeof mendMetadata>[0]);
mendGroup(prototypeOf('kafkajs/src/consumer/consumerGroup'));
mendRunner(prototypeOf('kafkajs/src/consumer/runner'));
