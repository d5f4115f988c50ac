import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agreeOn, must, newDataset, publish, subscribe } from './dataset';
import type { Ended, RunningCity } from './running-city';

const root = join(__dirname, '../../..');
const version = '4.32.5';
const venv = '.govbus/schemathesis';
/** How schemathesis gets here; it is no part of the project, and nothing but `npm run fuzz` needs it. */
export const howToInstall = `python3 -m venv ${venv} && ${venv}/bin/pip install schemathesis==${version}`;
/** In whose name the routes are asked: who publishes, who receives, who administers. */
export const fuzzRoles = ['reports-system', 'water-system', 'govbus-admin'] as const;
export type FuzzRole = (typeof fuzzRoles)[number];

/** `SCHEMATHESIS`, or the one in `.govbus`, or the one on the path; undefined when there is none. */
export function findSchemathesis(): string | undefined {
  const { SCHEMATHESIS } = process.env;
  const candidates = SCHEMATHESIS ? [SCHEMATHESIS] : [join(root, venv, 'bin/schemathesis'), 'schemathesis'];
  return candidates.find((file) => spawnSync(file, ['--version']).status === 0);
}

/** What hostile requests may name that is really there: without it each would end at its first 404. */
export type Known = { datasetId: string; subscriptionId: string; exportId: string };

export async function prepare(city: RunningCity): Promise<Known> {
  const datasetId = await newDataset(city);
  const agreementId = await agreeOn(city, datasetId, ['pull', 'webhook', 'query', 'file']);
  const records = ['a', 'b', 'c'].map((reportId) => ({ reportId, category: 'noise' }));
  await publish(city, datasetId, records);
  const subscriptionId = await subscribe(city, agreementId, 'pull');
  const order = { agreementId, purpose: 'pipe-maintenance', format: 'csv', of: 'events' };
  const { body } = await must(() =>
    city.call<{ exportId: string }>('water-system', 'POST', `${city.url('exchange')}/v1/exports`, order),
  );
  return { datasetId, subscriptionId, exportId: body.exportId };
}

export type FuzzOptions = { schemathesis: string; role: FuzzRole; known: Known; seconds: number; seed: number };

/** Lets schemathesis ask every route of the exchange in one name; ends with a code other than 0 when an answer is wrong. */
export async function fuzz(city: RunningCity, options: FuzzOptions): Promise<Ended['code']> {
  const { schemathesis, role, known, seconds, seed } = options;
  // The token has its whole life before it.
  city.forgetToken(role);
  const document = execFileSync(process.execPath, [join(root, 'apps/exchange/dist/main.js'), '--openapi']).toString();
  const [documentFile, configFile] = [join(city.dir, 'openapi.json'), join(city.dir, `fuzz-${role}.toml`)];
  writeFileSync(documentFile, document);
  writeFileSync(configFile, configOf(document, known, await city.token(role)), { mode: 0o600 });
  const flags = ['--url', city.url('exchange'), '--seed', String(seed), '--max-time', String(seconds)];
  // A stream of events has no end, and what takes so long is waited for (`wait`).
  const limits = ['--exclude-path', '/v1/subscriptions/{id}/stream', '--request-timeout', '40'];
  const quiet = ['--generation-database', 'none', '--no-shrink', '--continue-on-failure', '--warnings', 'off'];
  const phases = ['--phases', 'examples,coverage,fuzzing'];
  const args = ['--config-file', configFile, 'run', ...flags, ...limits, ...quiet, ...phases, documentFile];
  const child = spawn(schemathesis, args, { cwd: city.dir, stdio: 'inherit' });
  return new Promise((done, failed) => child.once('error', failed).once('exit', (code) => done(code)));
}

/**
 * The configuration of schemathesis: whose token, and for most requests something that is there. All checks but those
 * that would have to know the rules: whether what fits the description is accepted (an agreement must be in force, a
 * cursor given out by the bus), and two that expect other answers than ours: 4xx for a batch of which every event is
 * refused (it is 207), and 401 where a link needs no token.
 */
function configOf(document: string, { datasetId, subscriptionId, exportId }: Known, token: string): string {
  const { paths } = JSON.parse(document) as { paths: Record<string, Record<string, unknown>> };
  const idIn = (path: string): [string, string] | undefined => {
    if (path.startsWith('/v1/subscriptions/{id}')) return ['id', subscriptionId];
    if (path.startsWith('/v1/exports/{id}')) return ['id', exportId];
    return path.includes('{datasetId}') ? ['datasetId', datasetId] : undefined;
  };
  const operations = Object.entries(paths).flatMap(([path, verbs]) => {
    const known = idIn(path);
    // What is removed is removed by a made-up id alone, so that the others still find it.
    const named = known ? Object.keys(verbs).filter((verb) => verb !== 'delete') : [];
    return named.map(
      (verb) =>
        `[[operations]]\ninclude-name = "${verb.toUpperCase()} ${path}"\nparameters = { "path.${known?.[0]}" = "${known?.[1]}" }\n`,
    );
  });
  const off = ['positive_data_acceptance', 'ignored_auth'].map((check) => `${check}.enabled = false`);
  const batches = '[[operations]]\ninclude-name = "POST /v1/events"\nchecks.negative_data_rejection.enabled = false\n';
  const headers = `headers = { Authorization = "Bearer ${token}" }\n`;
  return [headers, '[checks]', ...off, '', ...operations, batches].join('\n');
}
