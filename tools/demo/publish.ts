// The agencies publish with `govbus publish`, each as its own system.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mapOf, systemOf } from './parties.ts';
import type { City } from './source.ts';

const cli = join(dirname(fileURLToPath(import.meta.url)), '../../apps/cli/bin/govbus.cjs');
export type Summary = { rows: number; accepted: number; refused: number; refusedByCode: Record<string, number> };

/** Publishes the rows of every agency, one agency after the other, and says what became of them. */
export async function publishAll(city: City, datasetId: string, connection: string): Promise<Map<string, Summary>> {
  const dir = join(dirname(connection), 'demo', datasetId);
  mkdirSync(dir, { recursive: true });
  const summaries = new Map<string, Summary>();
  for (const agency of city.agencies.keys()) {
    const map = join(dir, `${systemOf(agency)}.json`);
    writeFileSync(map, JSON.stringify(mapOf(datasetId, agency, city.zone), null, 2));
    const refused = join(dir, `${systemOf(agency)}-refused.csv`);
    const files = ['--csv', city.casesFile, '--map', map, '--refused', refused];
    const args = ['--connection', connection, 'publish', ...files, '--as', systemOf(agency), '--json'];
    const { code, output } = await govbus(args);
    if (code !== 0 && code !== 3) throw new Error(`govbus publish as ${systemOf(agency)} ended with ${code}`);
    summaries.set(agency, JSON.parse(output) as Summary);
  }
  return summaries;
}

/** Runs the command line tool; its progress is shown, its output returned. */
export function govbus(args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  return new Promise((done) => child.once('close', (code) => done({ code, output })));
}
