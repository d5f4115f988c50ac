import { join } from 'node:path';
import { root } from './processes.ts';
import { profiled } from './profiler.ts';
import type { Line } from './report.ts';
import type { System } from './system.ts';

export type Options = {
  rounds: number;
  seconds: number;
  isQuick: boolean;
  /** Events of the benchmarks that are measured by number and not by time. */
  events: number | undefined;
  /** Whether the exchange is profiled in one more round that does not count. */
  profile: boolean;
  say: (text: string) => void;
};
/** A benchmark: its lines and whatever else should be kept of it. Errors: throws when it is void. */
export type Bench = { name: string; run: (options: Options) => Promise<{ lines: Line[]; details?: unknown }> };

/** Runs `work` with the exchange's profiler when the run asks for it, else not at all. */
export async function profileWith(
  options: Options,
  system: System,
  name: string,
  work: () => Promise<unknown>,
): Promise<void> {
  if (!options.profile || system.profilerPort === undefined) return;
  const file = join(root, `bench/results/${name}.cpuprofile`);
  await profiled(system.profilerPort, file, work);
  options.say(`profile: ${file}`);
}
