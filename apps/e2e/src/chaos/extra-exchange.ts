import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../dataset';
import type { RunningCity } from '../running-city';

const main = join(__dirname, '../../../exchange/dist/main.js');
const deadlineMs = 240_000;

/** How it is called in the logs, its port behind the city's first, and what it does. */
export type Extra = { name: string; port: number; roles: string };

/** One more process of the exchange with the settings of the city's own, but for its port and its roles. */
export class ExtraExchange {
  private readonly env: NodeJS.ProcessEnv;
  private readonly url: string;
  /** How often it ended although it was up and nobody killed it. */
  fell = 0;
  private child: ChildProcess | undefined;
  private isUp = false;
  private starting: Promise<void> = Promise.resolve();

  constructor(
    private readonly city: RunningCity,
    private readonly extra: Extra,
    /** The exchanges that are asked; this one is among them while it is up. */
    private readonly asked: string[],
  ) {
    const { NODE_OPTIONS: _clock, ...env } = city.environmentOf('exchange');
    const port = city.base + extra.port;
    this.env = { ...env, PORT: String(port), EXCHANGE_ROLES: extra.roles };
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Ready to take part when this ends; it waits for what is down. */
  start(): Promise<void> {
    this.starting = this.untilReady();
    return this.starting;
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    // One that is still being started would be begun anew by who waits for it.
    await this.starting.catch(() => undefined);
    const { child } = this;
    this.isUp = false;
    const at = this.asked.indexOf(this.url);
    if (at >= 0) this.asked.splice(at, 1);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await ended;
  }

  private async untilReady(): Promise<void> {
    await eventually(async () => {
      if (!this.child || this.child.exitCode !== null || this.child.signalCode !== null) this.begin();
      const answer = await fetch(`${this.url}/health/ready`);
      if (!answer.ok) throw new Error(`${this.extra.name} answers ${answer.status}`);
    }, deadlineMs);
    this.isUp = this.child?.exitCode === null && this.child.signalCode === null;
    this.asked.push(this.url);
  }

  private begin(): void {
    const log = openSync(join(this.city.dir, `logs/${this.extra.name}.log`), 'a');
    const run = [process.execPath, main];
    const args = ['--pdeathsig', 'TERM', '--', ...run];
    this.child = spawn('setpriv', args, { env: this.env, stdio: ['ignore', log, log] });
    this.child.once('exit', () => {
      if (this.isUp) this.fell += 1;
      this.isUp = false;
    });
  }
}
