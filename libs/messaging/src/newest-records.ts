import type { Log } from './log';
import type { Cluster } from './topic-ranges';
import { replayTopic } from './topic-replay';

/** A message of a registry as its topic holds it: its type and version are read, the rest is not checked yet. */
export type HeldRecord = { type: string; data: { version: number } };

/**
 * The message with the highest version of each key of a registry's topic, from its beginning to the ends it has now. Of two
 * with the same version the first counts, as it does for everybody who keeps copies (`keepNewest`).
 *
 * Shape: whole in memory, as the services hold what they copy. What is no record is passed over and logged: the services
 *   parked it when it came.
 */
export async function newestRecords(options: Cluster & { topic: string; log: Log }): Promise<Map<string, HeldRecord>> {
  const newest = new Map<string, HeldRecord>();
  const onBatch = (_: number, messages: { offset: bigint; key: Buffer | null; value: Buffer | null }[]) => {
    for (const { offset, key, value } of messages) {
      // A tombstone of a compacted topic.
      if (value === null) continue;
      const record = readRecord(value);
      if (!record || key === null) {
        options.log('warn', { topic: options.topic, offset: String(offset) }, 'record of a registry not read');
        continue;
      }
      const known = newest.get(key.toString());
      if (!known || known.data.version < record.data.version) newest.set(key.toString(), record);
    }
    return Promise.resolve();
  };
  await replayTopic({ ...options, startAt: () => Promise.resolve(undefined), onBatch });
  return newest;
}

function readRecord(value: Buffer): HeldRecord | undefined {
  try {
    const message = JSON.parse(value.toString()) as { type?: unknown; data?: { version?: unknown } } | null;
    const { type, data } = message ?? {};
    const isRecord = typeof type === 'string' && Number.isInteger(data?.version);
    return isRecord ? (message as HeldRecord) : undefined;
  } catch {
    return undefined;
  }
}
