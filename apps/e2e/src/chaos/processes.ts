import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessName, RunningCity, Service } from '../running-city';

/** One process of a service: whether it listened, and so was up, before it ended. */
type Start = { service: Service; pid: number; hasListened: boolean };
/** Of all services: how often one was started, killed here, could not start yet, and ended although it was up. */
export type Starts = { starts: number; killed: number; notYet: number; fell: Start[]; notUp: Service[] };

const services: readonly Service[] = ['departments', 'data-catalog', 'exchange', 'case-routing', 'audit'];

/** Kills processes of a city, and tells afterwards which others ended. */
export class Processes {
  private readonly killed = new Set<number>();

  constructor(private readonly city: RunningCity) {}

  /** `kill -9`; nothing where it is down at this moment. */
  kill(name: ProcessName): void {
    try {
      const pid = this.city.pidOf(name);
      process.kill(pid, 'SIGKILL');
      this.killed.add(pid);
    } catch {
      // Whoever runs the city is about to start it again.
    }
  }

  /**
   * What became of every process of a service. One that ends before it listens could not start, as while PostgreSQL is away
   * (`startService` ends with 1 then, by design); nothing but a kill or a signal to stop may end one that has listened.
   */
  look(): Starts {
    const starts = services.flatMap((service) => this.startsOf(service));
    const ended = starts.filter((start) => !this.runs(start));
    const others = ended.filter(({ pid }) => !this.killed.has(pid));
    const up = starts.filter((start) => start.hasListened && this.runs(start)).map(({ service }) => service);
    return {
      starts: starts.length,
      killed: ended.length - others.length,
      notYet: others.filter(({ hasListened }) => !hasListened).length,
      fell: others.filter(({ hasListened }) => hasListened),
      notUp: services.filter((service) => !up.includes(service)),
    };
  }

  private startsOf(service: Service): Start[] {
    const starts: Start[] = [];
    const log = readFileSync(join(this.city.dir, 'logs', `${service}.log`), 'utf8');
    for (const [, line] of log.matchAll(/^(\{.*"msg":"(?:process begins|listening)".*\})$/gm)) {
      const { msg, pid } = JSON.parse(line ?? '') as { msg: string; pid: number };
      const last = starts.at(-1);
      if (msg === 'process begins') starts.push({ service, pid, hasListened: false });
      else if (last) last.hasListened = true;
    }
    return starts;
  }

  private runs({ service, pid }: Start): boolean {
    try {
      return this.city.pidOf(service) === pid && process.kill(pid, 0);
    } catch {
      return false;
    }
  }
}
