// Installs what is missing, with Node built-ins alone: it runs before the packages are there.
//   node tools/prepare.mjs [--quiet]
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const quiet = process.argv.includes('--quiet');
const kafkaVersion = '4.1.1';
const kafka = join(root, '.govbus', `kafka-${kafkaVersion}`);

const say = (text) => quiet || console.error(text);
function stop(text) {
  console.error(`govbus: ${text}`);
  process.exit(1);
}

if (Number(process.versions.node.split('.')[0]) < 20)
  stop(`Node.js ${process.versions.node} is too old: install Node.js 20 or newer`);

const digestOf = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');
const stamp = join(root, 'node_modules', '.govbus-lock');
const lock = digestOf(join(root, 'package-lock.json'));
const packagesAreThere = existsSync(stamp) && readFileSync(stamp, 'utf8') === lock;
const free = statfsSync(root);
if (!(packagesAreThere && existsSync(kafka)) && free.bavail * free.bsize < 2e9)
  stop('less than 2 GB of disk are free here: make room and start again');

if (!packagesAreThere) {
  await step('installing npm packages', 'npm', ['ci', '--no-audit', '--no-fund']);
  writeFileSync(stamp, lock);
}
if (!existsSync(kafka)) {
  need('java', ['-version'], 'Java is missing: install a Java runtime, version 17 or newer');
  need('mvn', ['-v'], 'Maven is missing: install Maven 3.8 or newer (it brings Apache Kafka)');
  // Unfinished copies must not be taken for the whole: rename when all is there.
  const unfinished = `${kafka}.part`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(dirname(kafka), { recursive: true });
  await step(`fetching Apache Kafka ${kafkaVersion}`, 'mvn', [
    '-q',
    '-B',
    '-f',
    join(root, 'tools/kafka/pom.xml'),
    'dependency:copy-dependencies',
    `-DoutputDirectory=${unfinished}`,
  ]);
  renameSync(unfinished, kafka);
}
// Quick when nothing changed: Nx knows what it built.
await step('building', join(root, 'node_modules/.bin/nx'), ['run-many', '-t', 'build', '--output-style=static'], quiet);

function need(command, args, advice) {
  if (spawnSync(command, args, { stdio: 'ignore' }).status !== 0) stop(advice);
}

async function step(what, command, args, hush = false) {
  const began = performance.now();
  const seconds = () => ((performance.now() - began) / 1000).toFixed(0);
  if (!hush) say(`govbus: ${what} ...`);
  const progress = setInterval(() => say(`govbus: ${what} ... ${seconds()} s`), 10_000);
  // The Node of the lock file, once it is there: the packages need it.
  const path = `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH}`;
  const options = { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PATH: path } };
  const child = spawn(command, args, options);
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (log = (log + data).slice(-8000)));
  const code = await new Promise((resolve) => child.once('close', resolve).once('error', () => resolve(1)));
  clearInterval(progress);
  if (code !== 0) stop(`${what} failed; the end of its log:\n${log}`);
  if (!hush) say(`govbus: ${what}: done in ${seconds()} s`);
}
