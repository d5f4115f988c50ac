// What a benchmark says, as a table for people and as a file for machines.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { root } from './processes.ts';
import type { Spread } from './stats.ts';

/** One measured number. */
export type Line = {
  what: string;
  /** The promise in words; none: printed beside, nothing hangs on it. */
  target?: string;
  unit: string;
  value: Spread;
  /** Against the peer, round by round. */
  ratio?: Spread;
  /** Whether the target is met; undefined without one. */
  ok?: boolean;
  durability?: 'D0' | 'D1';
  note?: string;
};
export type Report = {
  bench: string;
  /** A wrong answer or a failure: the run says nothing. */
  failure?: string;
  lines: Line[];
  isQuick: boolean;
  at: string;
  versions: Record<string, string>;
  machine: { cpus: number; model: string; memoryGb: number; loadBefore: number[]; loadAfter: number[] };
  details?: unknown;
};

const number = (value: number): string => {
  if (!Number.isFinite(value)) return '-';
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3);
};

/** A table of all lines. */
export function tableOf(reports: Report[]): string {
  const head = ['bench', 'what', 'class', 'median', 'min-max', 'unit', 'ratio (min-max)', 'target', ''];
  const rows = reports.flatMap(({ bench, lines, failure }) => [
    ...lines.map((line) => [
      bench,
      line.what,
      line.durability ?? '',
      number(line.value.median),
      `${number(line.value.min)}-${number(line.value.max)}`,
      line.unit,
      line.ratio ? `${number(line.ratio.median)}x (${number(line.ratio.min)}-${number(line.ratio.max)})` : '',
      line.target ?? '',
      line.ok === undefined ? (line.note ?? '') : `${line.ok ? 'pass' : 'FAIL'}${line.note ? `; ${line.note}` : ''}`,
    ]),
    ...(failure === undefined ? [] : [[bench, `VOID: ${failure}`, '', '', '', '', '', '', 'FAIL']]),
  ]);
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => Math.min(60, row[column]?.length ?? 0))));
  return all
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function machine(): { cpus: number; model: string; memoryGb: number } {
  const [first] = cpus();
  return { cpus: cpus().length, model: first?.model ?? '', memoryGb: Math.round(totalmem() / 2 ** 30) };
}

export const load = (): number[] => loadavg().map((value) => Number(value.toFixed(2)));

/** Versions of what is measured. */
export function versions(): Record<string, string> {
  const version = (name: string): string => {
    const file = join(root, 'node_modules', name, 'package.json');
    return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  };
  const names = ['kafkajs', 'fastify', '@nestjs/core', 'pg', 'typeorm', '@cedar-policy/cedar-wasm', 'jsonwebtoken'];
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  return {
    govbus: commit,
    node: process.versions.node,
    kafka: '4.1.1',
    ...Object.fromEntries(names.map((name) => [name, version(name)])),
  };
}

/** Keeps the report under `bench/results`. */
export function keep(report: Report): void {
  const dir = join(root, 'bench/results');
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, `${report.bench}.json`), `${JSON.stringify(report, null, 2)}\n`);
}
