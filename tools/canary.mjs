// Proves that the rules between modules bite: lints deliberate violations through Nx, as `npm run verify` lints the
// source, and demands the rule that forbids each. Without a project graph the boundary rule passes in silence.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(fileURLToPath(import.meta.url), '../..');
const boundary = '@nx/enforce-module-boundaries';
const restricted = 'no-restricted-imports';
const name = 'boundary-canary';
const violations = [
  ['app imports app', 'apps/audit', "export { AppConfig } from '../../exchange/src/app.config';", boundary],
  ['contracts imports typeorm', 'libs/contracts', "export { DataSource } from 'typeorm';", boundary],
  ['policy imports platform', 'libs/policy', "export { Clock } from '@govbus/platform';", boundary],
  ['source imports testing', 'apps/audit', "export { eventually } from '@govbus/testing';", boundary],
  ['kafkajs outside messaging', 'apps/audit', "export { Kafka } from 'kafkajs';", restricted],
];

const files = violations.map(([, project], index) => join(root, project, 'src', `${name}-${index}.ts`));
const clean = () => files.forEach((file) => rmSync(file, { force: true }));
// Whatever ends this process, no violation stays behind.
process.on('exit', clean);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

violations.forEach(([, , source], index) => writeFileSync(files[index], `${source}\n`));
const projects = [...new Set(violations.map(([, project]) => project.split('/')[1]))].join(',');
const nx = join(root, 'node_modules/.bin/nx');
const args = ['run-many', '-t', 'lint', `--projects=${projects}`, '--skip-nx-cache', '--output-style=stream'];
const { stdout, stderr, error } = spawnSync(nx, args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
clean();
if (error) throw error;
const output = `${stdout}${stderr}`;

let missed = 0;
violations.forEach(([what, , , rule], index) => {
  const caught = reportOn(`${name}-${index}.ts`).includes(rule);
  if (!caught) missed += 1;
  console.log(`${caught ? 'caught' : 'NOT CAUGHT'}: ${what} (${rule})`);
});
if (files.some((file) => existsSync(file))) throw new Error('a violation stayed behind');
if (missed > 0) {
  console.error(output.slice(-4000));
  process.exitCode = 1;
}

/** What ESLint says of one file: the lines from its path to the next empty one. */
function reportOn(file) {
  const lines = output.split('\n');
  const start = lines.findIndex((line) => line.includes(file));
  if (start < 0) return '';
  const length = lines.slice(start + 1).findIndex((line) => /(^|: )\s*$/.test(line) || /\.ts\s*$/.test(line));
  return lines.slice(start + 1, length < 0 ? undefined : start + 1 + length).join('\n');
}
