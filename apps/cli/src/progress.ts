import { SingleBar } from 'cli-progress';
import type { Io } from './io';

/** A bar where a person watches; else a line every few seconds, so that a log shows that it goes on. */
export class Progress {
  private readonly bar?: SingleBar;
  private saidAt = performance.now();

  constructor(
    private readonly io: Pick<Io, 'err'>,
    private readonly what: string,
    private readonly everyMs = 5_000,
  ) {
    if (!io.err.isTTY) return;
    const format = `${what} {bar} {percentage} %  {note}`;
    this.bar = new SingleBar({ format, stream: io.err, barsize: 30, clearOnComplete: true, etaBuffer: 50 });
  }

  update(done: number, of: number, note: string): void {
    if (this.bar && !this.bar.isActive) this.bar.start(of, 0, { note });
    this.bar?.update(Math.min(done, of), { note });
    if (this.bar || performance.now() - this.saidAt < this.everyMs) return;
    this.saidAt = performance.now();
    this.io.err.write(`govbus: ${this.what} ${Math.floor((done / Math.max(of, 1)) * 100)} %, ${note}\n`);
  }

  /** A line above the bar, or among the lines. */
  say(text: string): void {
    if (this.bar?.isActive) this.bar.stop();
    this.io.err.write(`govbus: ${text}\n`);
  }

  stop(): void {
    this.bar?.stop();
  }
}
