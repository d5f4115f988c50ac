// Kafka as one node, or as three that replicate each other.
import { join } from 'node:path';
import { type EmbeddedKafka, startKafka } from '@govbus/embedded';

export type KafkaNode = { name: string; start: () => Promise<EmbeddedKafka> };
type StartedNode = KafkaNode & { server: EmbeddedKafka };
export type StartedKafka = { brokers: string; nodes: StartedNode[]; stop: () => Promise<void> };

/** A node alone is `kafka` and listens on `base + 12092`; those of a cluster are `kafka-1` to `kafka-3`, on that and the next ports. */
export function kafkaNodes(dir: string, base: number, count: 1 | 3): KafkaNode[] {
  if (count === 1) {
    const start = () => startKafka({ dir: join(dir, 'kafka'), port: base + 12092 });
    return [{ name: 'kafka', start }];
  }
  const nodes = Array.from({ length: count }, (_, i) => ({ port: base + 12092 + i, controller: base + 12096 + i }));
  return nodes.map((_, index) => {
    const name = `kafka-${index + 1}`;
    return { name, start: () => startKafka({ dir: join(dir, name), member: { index, nodes } }) };
  });
}

/** The ports of `kafkaNodes`, those of the controllers that others must find included. */
export const kafkaPorts = (base: number, count: 1 | 3): number[] =>
  count === 1 ? [base + 12092] : [0, 1, 2].flatMap((i) => [base + 12092 + i, base + 12096 + i]);

/** Starts the nodes together: a cluster is ready when most of them are up. */
export async function startNodes(nodes: KafkaNode[]): Promise<StartedKafka> {
  const starting = await Promise.allSettled(
    nodes.map(async (node): Promise<StartedNode> => ({ ...node, server: await node.start() })),
  );
  const started = starting.flatMap((node) => (node.status === 'fulfilled' ? [node.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(started.map(({ server }) => server.stop()));
  };
  const failed = starting.find((node) => node.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return { brokers: started.map(({ server }) => server.brokers).join(','), nodes: started, stop };
}
