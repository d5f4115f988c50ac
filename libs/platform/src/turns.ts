/** Most that may wait for their turn, of one line. */
const maxWaiting = 32;

type Line = { working: number; waiting: (() => void)[] };

/**
 * Work that holds a connection of the database, of which a department (or whoever has a line) does only so much at once
 * in this process: one that asks without a pause makes itself wait, and nobody else.
 *
 * Shape: in the order of arrival, each department in a line of its own.
 */
export class Turns {
  private readonly lines = new Map<string, Line>();

  constructor(private readonly maxAtOnce: number) {}

  /** Whether one more may wait; ask before `take`, and refuse who has no room as busy. */
  hasRoom(department: string): boolean {
    return (this.lines.get(department)?.waiting.length ?? 0) < maxWaiting;
  }

  /** Does the work when it is its turn. How many wait is bounded by `hasRoom`, or by whoever calls. */
  async take<T>(department: string, work: () => Promise<T>): Promise<T> {
    const end = await this.begin(department);
    try {
      return await work();
    } finally {
      end();
    }
  }

  /** Begins work that is over when `end` is called, which may be more than once. Bounded as in `take`. */
  async begin(department: string): Promise<() => void> {
    await this.enter(department);
    let hasEnded = false;
    return () => {
      if (!hasEnded) this.leave(department);
      hasEnded = true;
    };
  }

  private async enter(department: string): Promise<void> {
    const line = this.lines.get(department) ?? { working: 0, waiting: [] };
    this.lines.set(department, line);
    if (line.working < this.maxAtOnce) line.working += 1;
    else await new Promise<void>((resolve) => line.waiting.push(resolve));
  }

  // The turn goes over to who waits longest.
  private leave(department: string): void {
    const line = this.lines.get(department);
    if (!line) return;
    const next = line.waiting.shift();
    if (next) return next();
    line.working -= 1;
    if (line.working === 0) this.lines.delete(department);
  }
}
