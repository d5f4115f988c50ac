import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../dataset';
import type { RunningCity } from '../running-city';

const main = join(__dirname, '../../../exchange/dist/main.js');
const deadlineMs = 240_000;

/** One more process of the exchange with the settings of the first, but for its port; both share all work. */
export class SecondExchange {
  private readonly env: NodeJS.ProcessEnv;
  private readonly url: string;
  private child: ChildProcess | undefined;

  constructor(
    private readonly city: RunningCity,
    /** The exchanges that are up; this one is among them while it is. */
    private readonly exchanges: string[],
  ) {
    const { NODE_OPTIONS: _clock, ...env } = city.environmentOf('exchange');
    const port = city.base + 7;
    this.env = { ...env, PORT: String(port) };
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Ready to take part when this ends; it waits for what is down. */
  async start(): Promise<void> {
    await eventually(async () => {
      if (!this.child || this.child.exitCode !== null || this.child.signalCode !== null) this.begin();
      const answer = await fetch(`${this.url}/health/ready`);
      if (!answer.ok) throw new Error(`the second exchange answers ${answer.status}`);
    }, deadlineMs);
    this.exchanges.push(this.url);
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    const { child } = this;
    const at = this.exchanges.indexOf(this.url);
    if (at >= 0) this.exchanges.splice(at, 1);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await ended;
  }

  private begin(): void {
    const log = openSync(join(this.city.dir, 'logs/exchange-2.log'), 'a');
    const run = [process.execPath, '--disable-warning=TimeoutNegativeWarning', main];
    const args = ['--pdeathsig', 'TERM', '--', ...run];
    this.child = spawn('setpriv', args, { env: this.env, stdio: ['ignore', log, log] });
  }
}
