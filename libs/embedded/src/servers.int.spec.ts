import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { startKafka } from './kafka';
import { startPostgres } from './postgres';
import { freePort, portInUse } from './process';

jest.setTimeout(180_000);
const dirs: string[] = [];
const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
}, 60_000);
function newDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'govbus-spec-'));
  dirs.push(dir);
  return dir;
}
async function until(check: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 60_000; !(await check()); await pause(20))
    if (performance.now() > end) throw new Error('it did not happen');
}
async function ask<T extends pg.QueryResultRow>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('PostgreSQL', () => {
  it('keeps its data over a restart', async () => {
    const dir = newDir();
    const first = await startPostgres({ dir });
    endings.push(() => first.stop());
    const before = await first.createDatabase('notes');
    expect(await first.createDatabase('notes')).toBe(before);
    await ask(before, 'CREATE TABLE kept AS SELECT 7 AS value');
    await first.stop();
    const second = await startPostgres({ dir });
    endings.push(() => second.stop());
    expect(await ask(await second.createDatabase('notes'), 'SELECT value FROM kept')).toEqual([{ value: 7 }]);
  });

  it('ends what was left on its data before it starts, also with work in hand', async () => {
    const dir = newDir();
    const left = await startPostgres({ dir });
    endings.push(() => left.stop());
    await ask(left.url, 'CREATE TABLE kept AS SELECT 7 AS value');
    const client = new pg.Client({ connectionString: left.url });
    client.on('error', () => undefined);
    await client.connect();
    const cutOff = client.query('SELECT pg_sleep(600)').then(
      () => 'done',
      () => 'cut off',
    );
    const next = await startPostgres({ dir });
    endings.push(() => next.stop());
    expect(await cutOff).toBe('cut off');
    expect(await ask(next.url, 'SELECT value FROM kept')).toEqual([{ value: 7 }]);
    expect(await portInUse(Number(new URL(left.url).port))).toBe(false);
  });

  it('refuses a port that is taken, in one line', async () => {
    const first = await startPostgres();
    endings.push(() => first.stop());
    const port = Number(new URL(first.url).port);
    const refusal = await startPostgres({ port }).catch((error: unknown) => String(error));
    expect(refusal).toMatch(/^EmbeddedError: PostgreSQL needs port \d+, which is in use: .+$/);
  });
});

describe('Kafka', () => {
  it('starts again on the log it has, and refuses a port that is taken', async () => {
    const dir = newDir();
    const port = await freePort();
    const first = await startKafka({ dir, port });
    endings.push(() => first.stop());
    expect(first.brokers).toBe(`127.0.0.1:${port}`);
    await expect(startKafka({ port })).rejects.toThrow(`Kafka needs port ${port}, which is in use`);
    // Formatted anew it would have another cluster id.
    const identity = readFileSync(join(dir, 'log/meta.properties'), 'utf8');
    await first.stop();
    expect(await portInUse(port)).toBe(false);
    const second = await startKafka({ dir, port });
    endings.push(() => second.stop());
    expect(await portInUse(port)).toBe(true);
    expect(readFileSync(join(dir, 'log/meta.properties'), 'utf8')).toBe(identity);
  });
});

describe('a run that is killed', () => {
  it('takes its servers with it', async () => {
    const dir = newDir();
    const port = await freePort();
    const script = `require(${JSON.stringify(join(__dirname, 'postgres.ts'))}).startPostgres(${JSON.stringify({ dir, port })})`;
    const root = join(__dirname, '../../..');
    const child = spawn(
      process.execPath,
      ['-r', '@swc-node/register', '-e', `${script}.then(() => setInterval(() => {}, 1000))`],
      {
        cwd: root,
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, NODE_OPTIONS: '', TS_NODE_PROJECT: join(root, 'tsconfig.base.json') },
      },
    );
    endings.push(() => Promise.resolve(child.kill('SIGKILL')));
    await until(() => portInUse(port));
    child.kill('SIGKILL');
    await until(async () => !(await portInUse(port)));
  });
});
