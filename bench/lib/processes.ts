// Child processes of the benchmarks; the kernel ends them when this process dies, however it dies.
import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Job } from '../load/main.ts';

export const root = join(import.meta.dirname, '../..');
// Of kafkajs as it is, in the textbook build (decision 10).
const quiet = '--disable-warning=TimeoutNegativeWarning';

/** A server with its log in a file; waits until `url` answers. Errors: throws with the end of the log. */
export async function startServer(
  name: string,
  script: string,
  env: Record<string, string>,
  { dir, readyUrl, flags = [quiet] }: { dir: string; readyUrl: string; flags?: string[] },
): Promise<ChildProcess> {
  const logFile = join(dir, `${name}.log`);
  const log = openSync(logFile, 'a');
  const run = [process.execPath, ...flags, script];
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', ...run], {
    env: { ...process.env, ...env },
    stdio: ['ignore', log, log],
  });
  const deadline = performance.now() + 120_000;
  for (;;) {
    const answer = await fetch(readyUrl).catch(() => undefined);
    if (answer && answer.status < 500) return child;
    if (child.exitCode !== null || child.signalCode !== null || performance.now() > deadline)
      throw new Error(`${name} did not start:\n${readFileSync(logFile, 'utf8').slice(-2_000)}`);
    await pause(100);
  }
}

/** Asks a child to end, and makes it after 15 seconds. */
export async function endServer(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(timer);
}

/** The load generator in its own process. */
export class Loader {
  private readonly child = fork(join(root, 'bench/load/main.ts'), { execArgv: [quiet] });

  /** Runs one job and waits for its result. Errors: throws when the job failed. */
  async run<T>(job: Job): Promise<T> {
    this.child.send(job);
    const [answer] = (await once(this.child, 'message')) as [{ result: T } | { error: string }];
    if ('error' in answer) throw new Error(`load generator: ${answer.error}`);
    return answer.result;
  }

  stop(): void {
    this.child.disconnect();
  }
}

/** A server with one empty route; its address. */
export async function startEmptyRoute(): Promise<{ url: string; stop: () => void }> {
  const child = fork(join(root, 'bench/load/empty-route.ts'));
  const [port] = (await once(child, 'message')) as [number];
  return { url: `http://127.0.0.1:${port}/v1/events`, stop: () => child.disconnect() };
}

/** Compiles the textbook build, as an own little program with decorators. Errors: throws what the compiler says. */
export function buildTextbook(): void {
  const compiler = join(root, 'node_modules/typescript7/bin/tsc');
  execFileSync(process.execPath, [compiler, '-p', join(root, 'bench/baseline')], { stdio: ['ignore', 2, 2] });
}
