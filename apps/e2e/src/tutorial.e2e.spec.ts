import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@govbus/embedded';
import { RunningCity } from './running-city';

const root = join(__dirname, '../../..');
const city = RunningCity.shared();

const patienceMs = 280_000;
jest.setTimeout(300_000);

it('publishes and consumes a first dataset as the tutorial says (P3, P4, P5, P7)', async () => {
  const { code, output, errors } = await runPage('docs/tutorials/publish-and-consume.md');
  expect({ code, errors }).toMatchObject({ code: 0 });
  const delivered = output.split('\n').filter((line) => line.includes('"type":"exchange.record-shared.v1"'));
  expect(delivered.map((line) => (JSON.parse(line) as { data: unknown }).data)).toEqual([
    { reportId: 'T-1', category: 'fallen-branch', latitude: 30.25, longitude: 120.16, phone: '***11' },
    { reportId: 'T-3', category: 'fallen-branch', latitude: 30.26, longitude: 120.17, phone: '***33' },
  ]);
  expect(output).toMatch(/"policy":"receive-purpose".*\nstatus 403/);
  expect(errors).toMatch(/cannot be read: the agreement is not in force \(decision\.denied\)/);
  expect(output).toMatch(/water-system +subscriptions:read +done +tree-reports +2 /);
  expect(output).toMatch(/the entry is in the log: number \d+ of \d+/);
  expect(output).toMatch(/the audit log holds: every entry is as it was written, and none is missing/);
});

it('shows what the README says to try', async () => {
  const { code, output, errors } = await runPage('README.md');
  expect({ code, errors }).toMatchObject({ code: 0 });
  expect(output).toMatch(/exchange +ready/);
  expect(output).toMatch(/"agreementId":.*"status":"in-force"/);
  expect(output).toMatch(/the audit log holds/);
});

it('publishes a CSV file as the guide says, and names the row that is refused (P2)', async () => {
  const { code, output, errors } = await runPage('docs/how-to/publish-a-csv.md');
  expect({ code, errors }).toMatchObject({ code: 0 });
  expect(output).toMatch(/accepted +2\n/);
  expect(output).toMatch(/^4,H-3,schema\.violated,/m);
});

it('receives and verifies a webhook by the script of the guide', async () => {
  const { code, output, errors } = await runPage('docs/how-to/receive-webhooks.md');
  expect({ code, errors }).toMatchObject({ code: 0 });
  expect(output).toMatch(/verified {"reportId":"hook-1",.*"phone":"\*\*\*34"}/);
  expect(output).toMatch(/forged: 401/);
});

it('verifies the audit log as the guide says, also with a script that shares no code with it (P7)', async () => {
  const { code, output, errors } = await runPage('docs/how-to/verify-the-audit-log.md');
  expect({ code, errors }).toMatchObject({ code: 0 });
  expect(output).toMatch(/the audit log holds/);
  expect(output).toMatch(/the root is that of the checkpoint/);
});

it('lists parked messages as the guide says', async () => {
  const { code, output, errors } = await runPage('docs/how-to/replay-parked-messages.md');
  expect({ code, errors }).toMatchObject({ code: 0 });
  for (const service of ['departments', 'data-catalog', 'exchange', 'case-routing', 'audit'])
    expect(output).toMatch(new RegExp(`^${service} {"items":\\[`, 'm'));
});

/** The `sh` blocks of a page in one shell, in their order; other blocks (`text`, `bash`) are for the reader alone. */
async function runPage(page: string): Promise<{ code: number | null; output: string; errors: string }> {
  const text = readFileSync(join(root, page), 'utf8');
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block ?? '');
  expect(blocks).not.toEqual([]);
  // Pages name the ports of `npm start`; this city has others.
  const script = blocks
    .join('\n')
    .replaceAll(/127\.0\.0\.1:700([1-5])/g, (_, n) => `127.0.0.1:${city.base + Number(n)}`);
  const { NODE_ENV: _env, NODE_OPTIONS: _options, JEST_WORKER_ID: _id, ...plain } = process.env;
  const env = {
    ...plain,
    GOVBUS_CONNECTION: city.connectionFile,
    // Of the pages that listen themselves.
    PORT: String(await freePort()),
    PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`,
    // `npx govbus` is the checkout's own, or nothing.
    npm_config_offline: 'true',
  };
  // A group of its own: what waits in vain ends with everything that it started, and shows how far it came.
  const child = spawn('bash', ['-euo', 'pipefail', '-c', script], { cwd: root, env, detached: true });
  const said = { output: '', errors: '' };
  child.stdout.on('data', (data: Buffer) => (said.output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (said.errors += data.toString()));
  const deadline = setTimeout(() => {
    said.errors += `\nnot done after ${patienceMs} ms; said so far:\n${said.output}`;
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, patienceMs);
  return new Promise((done) =>
    child.once('close', (code) => {
      clearTimeout(deadline);
      done({ code, ...said });
    }),
  );
}
