import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** A server that cannot be started: one line that says what to do. */
export class EmbeddedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'EmbeddedError';
  }
}

/** A child whose death by the kernel follows ours, SIGKILL included (`prctl(PR_SET_PDEATHSIG)` through setpriv). */
export function guarded(signal: 'INT' | 'TERM', as: string[], command: string, args: string[]): ChildProcess {
  return spawn('setpriv', ['--pdeathsig', signal, ...as, '--', command, ...args], {
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** `dir`, made if missing; without one a throw-away directory. */
export function dataDir(dir: string | undefined, prefix: string): string {
  if (dir) mkdirSync(dir, { recursive: true });
  return dir ?? mkdtempSync(join(tmpdir(), prefix));
}

/**
 * A loopback port that nobody listens on now, and that was not given before by this module, which Jest loads for each file.
 *
 * Shape: from 10081, above the last that `fetch` refuses, to 31999, below the ports that Linux gives to outgoing
 *   connections: one of those could be taken while the server that wants it still starts, and a client that polls it could
 *   even connect to itself.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_081, 32_000);
    if (given.has(port)) continue;
    given.add(port);
    if (await canListen(port)) return port;
  }
}
const given = new Set<number>();
const canListen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/** Whether somebody listens on a loopback port. */
export const portInUse = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    }).once('error', () => resolve(false));
  });

/** Refuses a port that is taken. Errors: `EmbeddedError`. */
export async function needFree(port: number, what: string): Promise<void> {
  if (await portInUse(port))
    throw new EmbeddedError(`${what} needs port ${port}, which is in use: stop what listens there, or choose another`);
}

/** Waits until the child says `mark` or, without one, listens. Errors: `EmbeddedError` with the end of its log. */
export async function ready(child: ChildProcess, what: string, port: number, mark?: string): Promise<void> {
  let log = '';
  child.stderr?.on('data', (data: Buffer) => (log = (log + data.toString()).slice(-4_000)));
  let failure: Error | undefined;
  child.once('error', (error) => (failure = error));
  const deadline = performance.now() + 120_000;
  while (!(mark ? log.includes(mark) : await portInUse(port))) {
    if (failure) throw new EmbeddedError(`${what} cannot be started: ${failure.message}`);
    if (child.exitCode !== null || child.signalCode !== null || performance.now() > deadline)
      throw new EmbeddedError(`${what} did not start:\n${log}`);
    await pause(20);
  }
}

/** A server as a child process. `ended` resolves when it has ended, for whatever reason. */
export type ServerProcess = { pid: number | undefined; ended: Promise<void> };

export const processOf = (child: ChildProcess): ServerProcess => ({
  pid: child.pid,
  ended: new Promise((resolve) => child.once('exit', () => resolve())),
});

/** Stops the child and waits for its end; kills it when it does not come within 20 seconds. */
export const stopper = (child: ChildProcess, signal: NodeJS.Signals, throwAway?: string) => async (): Promise<void> => {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(timer);
  }
  if (throwAway) rmSync(throwAway, { recursive: true, force: true });
};

/**
 * Ends servers that a killed run left on this data directory, PostgreSQL's children included: only processes whose
 * command line names it or that work in it. They may finish what they do; after 20 seconds they are killed.
 */
export async function sweep(dir: string, name: 'SIGINT' | 'SIGTERM'): Promise<void> {
  const left = readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid && isServerOn(pid, dir))
    .map(Number);
  for (const pid of left) signal(pid, name);
  const deadline = performance.now() + 20_000;
  while (left.some((pid) => isServerOn(String(pid), dir))) {
    if (performance.now() > deadline) for (const pid of left) signal(pid, 'SIGKILL');
    await pause(20);
  }
}

function isServerOn(pid: string, dir: string): boolean {
  const command = commandOf(pid);
  if (!/postgres|java/.test(command[0] ?? '')) return false;
  return command.some((word) => word === dir || word.startsWith(`${dir}/`)) || workingDirOf(pid) === realpathSync(dir);
}
function workingDirOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}
function commandOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      .split('\0')
      .filter((word) => word !== '');
  } catch {
    return [];
  }
}
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Already gone.
  }
}

/**
 * Halts a process until it gets `SIGCONT`; nothing of it runs when this ends. The signal alone is not enough: one thread
 * takes it when it is its turn, and only then stops the others.
 */
export async function halt(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  const isHalted = (thread: string): boolean => {
    try {
      return /^State:\s+T/m.test(readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8'));
    } catch {
      // It has ended.
      return true;
    }
  };
  while (!readdirSync(`/proc/${pid}/task`).every(isHalted)) await pause(2);
}
