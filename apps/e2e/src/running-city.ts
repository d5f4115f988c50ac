import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { portInUse } from '@govbus/embedded';

const root = join(__dirname, '../../..');
const services = ['departments', 'data-catalog', 'exchange', 'case-routing', 'audit'] as const;
export type Service = (typeof services)[number];
/** What can be killed; `up` starts the others, and Kafka's nodes have numbers where there are several. */
export type ProcessName = Service | 'up' | 'postgres' | 'kafka' | `kafka-${number}`;
/** How a city differs from what `npm start` alone gives: more flags, more of the environment. */
export type CityOptions = { args?: string[]; env?: (dir: string) => Record<string, string> };
export type Answer<T = unknown> = { status: number; body: T; headers: Headers };
/** What the specs read of a list. */
export type Items<T> = { items: T[] };
/** What the specs read of a problem document. */
export type ProblemBody = { code: string; faults: { pointer: string }[] };
export type Ended = { code: number | null; output: string };

/** The system as `npm start` runs it, in a directory and on ports of its own, seen from outside alone. */
export class RunningCity {
  output = '';
  private child: ChildProcess | undefined;
  private readonly tokens = new Map<string, Promise<string>>();

  private constructor(
    readonly dir: string,
    readonly base: number,
    private readonly env: Record<string, string> = {},
  ) {}

  /** A new city, on ports that nobody uses. */
  static async start({ args = [], env }: CityOptions = {}): Promise<RunningCity> {
    const dir = mkdtempSync(join(tmpdir(), 'govbus-e2e-'));
    const city = new RunningCity(dir, await freeBase(), env?.(dir));
    try {
      await city.up(...args);
    } catch (error) {
      await city.remove();
      throw error;
    }
    return city;
  }

  /** The city that the run's global set-up started. */
  static shared(): RunningCity {
    const { GOVBUS_E2E_DIR: dir, GOVBUS_E2E_BASE: base } = process.env;
    if (!dir || !base) throw new Error('the shared city is not up: run the specs through `nx run e2e:e2e`');
    return new RunningCity(dir, Number(base));
  }

  async up(...more: string[]): Promise<void> {
    this.tokens.clear();
    this.output = '';
    const flags = ['--dir', this.dir, '--port', String(this.base), ...more];
    const child = spawnUp(flags, (text) => (this.output += text), this.env);
    this.child = child;
    const deadline = performance.now() + 300_000;
    while (!this.output.includes('govbus is up')) {
      if (hasEnded(child) || performance.now() > deadline) throw new Error(`no start:\n${this.output}`);
      await pause(50);
    }
  }

  /** Stops it as Ctrl-C does, or with another signal, and waits for its end. */
  async down(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    const { child } = this;
    if (!child || hasEnded(child)) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
    child.kill(signal);
    return ended;
  }

  async remove(): Promise<void> {
    await this.down();
    rmSync(this.dir, { recursive: true, force: true });
  }

  url(service: Service): string {
    return `http://127.0.0.1:${this.base + 1 + services.indexOf(service)}`;
  }
  get brokers(): string[] {
    return [`127.0.0.1:${this.base + 12092}`];
  }
  databaseUrl(service: Service): string {
    return `postgres://app@127.0.0.1:${this.base + 8432}/${service.replace('-', '_')}`;
  }
  get connectionFile(): string {
    return join(this.dir, 'credentials.json');
  }

  /** Kills one process; whoever runs the city starts it again. False when it is down at this moment. */
  kill(name: ProcessName): boolean {
    try {
      return process.kill(this.pidOf(name), 'SIGKILL');
    } catch {
      return false;
    }
  }
  /** Keeps a process from being started again once it is killed, until it is let go. */
  holdAway(name: ProcessName): void {
    mkdirSync(join(this.dir, 'held-away'), { recursive: true });
    writeFileSync(join(this.dir, 'held-away', name), '');
  }
  letGo(name: ProcessName): void {
    rmSync(join(this.dir, 'held-away', name), { force: true });
  }
  /** The environment that a process was started with. */
  environmentOf(name: ProcessName): Record<string, string> {
    const pairs = readFileSync(`/proc/${this.pidOf(name)}/environ`, 'utf8').split('\0');
    return Object.fromEntries(pairs.filter((pair) => pair.includes('=')).map((pair) => splitOnce(pair, '=')));
  }
  pidOf(name: ProcessName): number {
    const pids = JSON.parse(readFileSync(join(this.dir, 'processes.json'), 'utf8')) as Record<string, number>;
    const pid = pids[name];
    if (pid === undefined) throw new Error(`${name} does not run here`);
    return pid;
  }

  /** A copy of the logs that stays when the city is removed; where it is. */
  keepLogs(): string {
    const kept = mkdtempSync(join(tmpdir(), 'govbus-logs-'));
    cpSync(join(this.dir, 'logs'), kept, { recursive: true });
    return kept;
  }
  /** Everything that the services logged so far. */
  logs(): string {
    const dir = join(this.dir, 'logs');
    return existsSync(dir)
      ? readdirSync(dir)
          .map((file) => readFileSync(join(dir, file), 'utf8'))
          .join('')
      : '';
  }

  token(id: string): Promise<string> {
    let token = this.tokens.get(id);
    if (!token) {
      token = this.askToken(id);
      this.tokens.set(id, token);
      token.catch(() => this.tokens.delete(id));
    }
    return token;
  }
  /** The next call as `id` asks for a new one: tokens last ten minutes. */
  forgetToken(id: string): void {
    this.tokens.delete(id);
  }

  /** One call as `id`, or without a token; a string body is sent as it is. */
  async call<T>(
    id: string | undefined,
    method: string,
    url: string,
    body?: unknown,
    type = 'application/json',
  ): Promise<Answer<T>> {
    const headers = { 'content-type': type };
    if (id === undefined) return this.send<T>(method, url, body, headers);
    const send = async () =>
      this.send<T>(method, url, body, { ...headers, authorization: `Bearer ${await this.token(id)}` });
    const answer = await send();
    if (answer.status !== 401) return answer;
    // A long run outlives its tokens.
    this.forgetToken(id);
    return send();
  }

  async send<T>(
    method: string,
    url: string,
    body: unknown,
    headers: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<Answer<T>> {
    const content =
      body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const sent =
      content === undefined
        ? { method, headers: without(headers, 'content-type') }
        : { method, headers, body: content };
    const answer = await fetch(url, { ...sent, signal } as RequestInit);
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json') && text !== '';
    return { status: answer.status, body: (isJson ? JSON.parse(text) : text) as T, headers: answer.headers };
  }

  /** `npx govbus ...` against this city. */
  govbus(...args: string[]): Promise<Ended> {
    return run(join(root, 'apps/cli/bin/govbus.cjs'), ['--connection', this.connectionFile, ...args]);
  }

  /** `npm run demo -- ...` against this city; `onOutput` sees what it prints. */
  demo(args: string[] = [], onOutput?: (text: string) => void): Promise<Ended> {
    return run(join(root, 'tools/demo/main.ts'), ['--connection', this.connectionFile, ...args], onOutput);
  }

  private async askToken(id: string): Promise<string> {
    const { secrets } = JSON.parse(readFileSync(this.connectionFile, 'utf8')) as { secrets: Record<string, string> };
    const answer = await fetch(`${this.url('departments')}/oidc/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${id}:${secrets[id]}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    if (!answer.ok) throw new Error(`no token for ${id}: ${answer.status}`);
    const { access_token } = (await answer.json()) as { access_token: string };
    return access_token;
  }
}

/** A `--port` for `npm start` with all ports that follow from it free, three brokers' included. */
export async function freeBase(): Promise<number> {
  for (;;) {
    const base = randomInt(2_000, 20_000);
    const ports = [1, 2, 3, 4, 5, 7, 8, 8432, 12_092, 12_093, 12_094, 12_096, 12_097, 12_098].map((n) => base + n);
    if (!(await Promise.all(ports.map(portInUse))).includes(true)) return base;
  }
}

/** `npm start -- ...` that is expected to end by itself. */
export async function startThatEnds(args: string[]): Promise<Ended> {
  let output = '';
  const child = spawnUp(args, (text) => (output += text));
  const code = await new Promise<number | null>((done) => child.once('close', (ended) => done(ended)));
  return { code, output };
}

function spawnUp(args: string[], onOutput: (text: string) => void, more: Record<string, string> = {}): ChildProcess {
  const flags = [join(root, 'tools/up.ts'), ...args];
  const env = { ...plainEnv(), ...more };
  const child = spawn(process.execPath, flags, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => onOutput(data.toString()));
  return child;
}

function run(file: string, args: string[], onOutput?: (text: string) => void): Promise<Ended> {
  const child = spawn(process.execPath, [file, ...args], {
    cwd: root,
    env: plainEnv(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => {
      output += data.toString();
      onOutput?.(data.toString());
    });
  return new Promise((done) => child.once('close', (code) => done({ code, output })));
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

// Jest's own settings must not reach the processes that are tested.
function plainEnv(): NodeJS.ProcessEnv {
  const { NODE_ENV: _env, NODE_OPTIONS: _options, JEST_WORKER_ID: _id, ...env } = process.env;
  return env;
}

const splitOnce = (text: string, at: string): [string, string] => {
  const i = text.indexOf(at);
  return [text.slice(0, i), text.slice(i + at.length)];
};
const without = (headers: Record<string, string>, name: string): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));
