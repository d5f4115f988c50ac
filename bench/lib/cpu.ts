// Processor time of the parts of a system, from /proc: unlike rates it hardly depends on what else the machine does.
import { readdirSync, readFileSync } from 'node:fs';
import type { Line } from './report.ts';
import { spreadOf } from './stats.ts';

/** Seconds of processor time used so far, by part. */
export type CpuSeconds = Record<string, number>;
const ticksPerSecond = 100;

type Process = { pid: number; parent: number; seconds: number };

function processes(): Process[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      // The name stands in brackets and may hold anything.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      // Its own time and that of children that have ended, user and system.
      const seconds = fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / ticksPerSecond;
      return [{ pid: Number(pid), parent: Number(fields[1]), seconds }];
    } catch {
      // Ended meanwhile.
      return [];
    }
  });
}

/** `roots` names the first process of each part; those that it started count with it. */
export function cpuSeconds(roots: Record<string, number | undefined>): CpuSeconds {
  const all = processes();
  const used = (pid: number | undefined): number =>
    all.reduce((sum, p) => {
      if (p.pid === pid) return sum + p.seconds;
      return p.parent === pid ? sum + used(p.pid) : sum;
    }, 0);
  return Object.fromEntries(Object.entries(roots).map(([part, pid]) => [part, used(pid)]));
}

/** The process whose command line holds `text`; undefined when there is none. */
export function processWith(text: string): number | undefined {
  return processes().find(({ pid }) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
    } catch {
      return false;
    }
  })?.pid;
}

/** Processor microseconds for each event, by part. */
export function microsPerEvent(before: CpuSeconds, after: CpuSeconds, events: number): CpuSeconds {
  return Object.fromEntries(
    Object.entries(after).map(([part, seconds]) => [part, ((seconds - (before[part] ?? 0)) / events) * 1e6]),
  );
}

/** One line for each part, over the rounds. */
export function cpuLines(what: string, rounds: CpuSeconds[], durability?: 'D0' | 'D1'): Line[] {
  return Object.keys(rounds[0] ?? {}).map((part) => {
    const value = spreadOf(rounds.map((round) => round[part] ?? NaN));
    return { what: `${what}, CPU of ${part}`, unit: 'us/event', value, durability };
  });
}
