// The processes of a running system, kept up.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, openSync, renameSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ServerProcess } from '@govbus/embedded';
import { runtime } from '../runtime.ts';

export const services = ['departments', 'data-catalog', 'exchange', 'case-routing', 'audit'] as const;
export type Service = (typeof services)[number];
type Server = { process?: ServerProcess; stop: () => Promise<void> };

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const maxLogBytes = 50 * 1024 * 1024;
/** A service that dies is started again after this, doubled each time up to ten seconds. */
const restartAfterMs = 250;

/** Starts the services and starts again what dies and is not held away, the servers too, until it is told to stop. */
export class Supervisor {
  private readonly children = new Map<Service, ChildProcess>();
  private readonly servers = new Map<string, Server>();
  private readonly dir: string;
  private readonly say: (text: string) => void;
  private isStopping = false;
  private isUp = false;

  constructor(dir: string, say: (text: string) => void) {
    this.dir = dir;
    this.say = say;
  }

  start(service: Service, env: NodeJS.ProcessEnv, failures = 0): void {
    const file = logFile(this.dir, service);
    if (existsSync(file) && statSync(file).size > maxLogBytes) truncateSync(file);
    const log = openSync(file, 'a');
    const main = join(root, 'apps', service, 'dist/main.js');
    const run = [process.execPath, ...runtime.flags, main];
    // The kernel ends the service when this process dies, however it dies.
    const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', ...run], {
      env: { ...runtime.env, ...env },
      stdio: ['ignore', log, log],
    });
    this.children.set(service, child);
    this.remember();
    const began = performance.now();
    child.once('exit', (code, signal) => {
      if (this.isStopping || !this.isUp) return;
      const again = performance.now() - began > 30_000 ? 0 : failures + 1;
      const waitMs = Math.min(restartAfterMs * 2 ** again, 10_000);
      this.say(`${service} ended (${signal ?? code}); it is started again (log: ${file})`);
      void pause(waitMs)
        .then(() => this.untilWanted(service))
        .then(() => this.isStopping || this.start(service, env, again));
    });
  }

  async untilReady(service: Service, url: string): Promise<void> {
    const deadline = performance.now() + 120_000;
    for (;;) {
      const answer = await fetch(`${url}/health/ready`).catch(() => undefined);
      if (answer?.ok) break;
      const child = this.children.get(service);
      if (child?.exitCode !== null || child.signalCode !== null || performance.now() > deadline)
        throw new Error(`${service} did not become ready: see ${logFile(this.dir, service)}`);
      await pause(100);
    }
  }

  /** From now on, what dies is started again. */
  watch(): void {
    this.isUp = true;
  }

  /** Follows a server that runs already. */
  keep(name: string, server: Server, startAgain: () => Promise<Server>): void {
    this.servers.set(name, server);
    this.remember();
    void server.process?.ended.then(async () => {
      if (this.isStopping) return;
      this.say(`${name} ended; it is started again`);
      while (!this.isStopping) {
        await this.untilWanted(name);
        const started = await startAgain().catch(() => undefined);
        if (started) return this.keep(name, started, startAgain);
        await pause(1_000);
      }
    });
  }

  /** The services first: they may need the servers to finish what they do. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all([...this.children.values()].map((child) => end(child)));
    await Promise.all([...this.servers.values()].map((server) => server.stop()));
  }

  // A test makes an outage of some length: what is held away is not started again until it is let go.
  private async untilWanted(name: string): Promise<void> {
    while (!this.isStopping && existsSync(join(heldDir(this.dir), name))) await pause(100);
  }

  // For whoever looks after a run that was killed, and for tests that kill one service; `up` is this process itself.
  private remember(): void {
    const services = [...this.children].map(([service, { pid }]) => [service, pid]);
    const servers = [...this.servers].map(([name, server]) => [name, server.process?.pid]);
    const pids = Object.fromEntries([['up', process.pid], ...services, ...servers]);
    // Whole or not at all, for whoever reads it at this moment.
    const file = processesFile(this.dir);
    writeFileSync(`${file}.new`, JSON.stringify(pids, null, 2));
    renameSync(`${file}.new`, file);
  }
}

const logFile = (dir: string, service: Service): string => join(dir, 'logs', `${service}.log`);
/** Which process is which, as JSON by name. */
export const processesFile = (dir: string): string => join(dir, 'processes.json');
/** Holds an empty file for each process that is not to be started again for now, by the names of `processesFile`. */
export const heldDir = (dir: string): string => join(dir, 'held-away');

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(timer);
}
