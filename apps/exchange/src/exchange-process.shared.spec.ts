import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { freePort, halt } from '@govbus/embedded';
import { eventually } from '@govbus/testing';
import type { Caller, Exchange } from './exchange.int.spec';

/** The exchange as a process of its own, on the database of another. */
export class ExchangeProcess {
  /** The last of what it printed. */
  log = '';
  private constructor(
    private readonly child: ChildProcess,
    private readonly beside: Exchange,
    readonly url: string,
  ) {
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (data: Buffer) => (this.log = (this.log + data.toString()).slice(-1_000_000)));
  }

  static async start(
    beside: Exchange,
    EXCHANGE_ROLES: string,
    nodeFlags: string[] = [],
    over: Record<string, string> = {},
  ): Promise<ExchangeProcess> {
    const root = join(__dirname, '../../..');
    const PORT = String(await freePort());
    const fromSource = ['-r', '@swc-node/register', '--conditions=@govbus/source'];
    const first = ['-r', join(__dirname, 'hears-at-once.shared.spec.ts')];
    const flags = [...nodeFlags, ...fromSource, ...first, join(__dirname, 'main.ts')];
    const own = { PORT, PUBLIC_URL: `http://127.0.0.1:${PORT}`, EXCHANGE_ROLES, INBOX: 'off', LOG_LEVEL: 'warn' };
    // However slow this machine is just now.
    const patience = { SHUTDOWN_SECONDS: 60 };
    const settings = Object.entries({ ...beside.config, ...own, ...patience, ...over }).map(([name, value]) => [
      name,
      String(value),
    ]);
    const node = { PATH: process.env.PATH, NODE_OPTIONS: '', TS_NODE_PROJECT: join(root, 'tsconfig.base.json') };
    const env = { ...node, ...(Object.fromEntries(settings) as Record<string, string>) };
    const child = spawn(process.execPath, flags, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const started = new ExchangeProcess(child, beside, own.PUBLIC_URL);
    await eventually(async () => {
      if (child.exitCode === null) expect((await fetch(`${started.url}/health/ready`)).status).toBe(200);
    }, 90_000).catch((error: unknown) => {
      throw new Error(started.log, { cause: error });
    });
    if (child.exitCode !== null) throw new Error(started.log);
    return started;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async end(signal: NodeJS.Signals): Promise<[code: number | null, signal: string | null]> {
    const { child } = this;
    if (this.isRunning) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill(signal);
      await ended;
    }
    return [child.exitCode, child.signalCode];
  }

  /** Nothing of it runs from when this ends until it gets `SIGCONT`. */
  halt(): Promise<void> {
    return halt(this.child.pid ?? NaN);
  }

  /** Sends a signal that does not end it. */
  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async call(method: string, path: string, caller: Caller, body?: unknown, type = 'application/json') {
    const sent = await this.send(method, path, caller, body, type);
    return { status: sent.status, body: (await sent.json()) as Record<string, unknown> };
  }

  /** The bytes of a file. */
  async file(path: string, caller: Caller): Promise<Buffer> {
    const sent = await this.send('GET', path, caller);
    expect(sent.status).toBe(200);
    return Buffer.from(await sent.arrayBuffer());
  }

  private async send(method: string, path: string, caller: Caller, body?: unknown, type = 'application/json') {
    const token = await this.beside.issuer.token({ ...caller, kind: 'system', roles: [] });
    const headers = { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': type }) };
    return fetch(`${this.url}${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  }
}
