// Kafka's own load tool on the same broker: what no producer on this machine can pass.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Options } from './bench.ts';
import { root } from './processes.ts';
import type { Line } from './report.ts';
import { spreadOf } from './stats.ts';
import { FLOOR_TOPIC, type System } from './system.ts';

const jars = process.env.GOVBUS_KAFKA_LIB ?? join(root, '.govbus/kafka-4.1.1');
const run = promisify(execFile);

/** One line for each durability class. */
export async function kafkaCeiling(system: System, { isQuick, say }: Options): Promise<Line[]> {
  const lines: Line[] = [];
  for (const durability of ['D0', 'D1'] as const) {
    await system.setClass(durability);
    const records = (isQuick ? 50_000 : 300_000) * (durability === 'D0' ? 1 : 0.5);
    const load = ['--topic', FLOOR_TOPIC, '--num-records', String(records), '--record-size', '1000'];
    const producer = [`bootstrap.servers=${system.brokers}`, 'acks=all', 'linger.ms=5', 'batch.size=262144'];
    const tool = ['-cp', `${jars}/*`, 'org.apache.kafka.tools.ProducerPerformance'];
    const { stdout } = await run('java', [...tool, ...load, '--throughput', '-1', '--producer-props', ...producer]);
    const rate = Number(/([\d.]+) records\/sec[^\n]*\n?$/.exec(stdout.trim())?.[1] ?? NaN);
    say(`${durability}, ProducerPerformance: ${Math.round(rate)} records/s`);
    const note = "Kafka's own tool, the ceiling";
    lines.push({ what: 'ProducerPerformance', unit: 'events/s', value: spreadOf([rate]), durability, note });
  }
  return lines;
}
