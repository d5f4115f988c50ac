import type { ServerResponse } from 'node:http';
import { Unavailable } from '@govbus/contracts';
import { type Caller, Metrics } from '@govbus/platform';
import { Injectable } from '@nestjs/common';

const mib = 1024 * 1024;
/** Most bytes of bodies held at once, over all requests. */
const maxHeldBytes = 128 * mib;
/** Most of one department, and of one of its callers: whoever sends much leaves room for the others. */
const maxHeldByDepartment = maxHeldBytes / 2;
export const maxHeldByCaller = maxHeldBytes / 4;
/** Most of all streams, which may stay for hours, and of those of one department. */
const maxHeldByStreams = maxHeldBytes / 2;
const maxHeldByStreamsOfDepartment = maxHeldByStreams / 2;

type Held = { caller: Pick<Caller, 'id' | 'department'>; bytes: number; isStream: boolean };

/**
 * The bytes of bodies that requests make this process hold, counted by what their headers announce.
 *
 * Shape: a request is counted until its response is closed, sent or not.
 * Errors: `Unavailable` `bus.busy`.
 */
@Injectable()
export class HeldBytes {
  private total = 0;
  private ofStreams = 0;
  private readonly byCaller = new Map<string, number>();
  private readonly byDepartment = new Map<string, number>();
  private readonly streamsByDepartment = new Map<string, number>();

  constructor(metrics: Metrics) {
    const gauge = metrics.gauge('govbus_ingest_held_bytes', 'Bytes of bodies that requests make this process hold.');
    metrics.collect([gauge], () => gauge.of().set(this.total));
  }

  /** Counts a request of `bytes`. */
  take(held: Held, response: ServerResponse): void {
    // The client left while its token was verified, and nothing would tell us a second time.
    if (response.destroyed) return;
    const { caller, bytes, isStream } = held;
    const { id, department } = caller;
    const isFull = (counted: Map<string, number>, of: string, most: number): boolean =>
      (counted.get(of) ?? 0) + bytes > most;
    if (this.total + bytes > maxHeldBytes) throw busy('too many events are on their way');
    if (isFull(this.byCaller, id, maxHeldByCaller)) throw busy('too many events of this caller are on their way');
    if (isFull(this.byDepartment, department, maxHeldByDepartment))
      throw busy('too many events of this department are on their way');
    if (isStream && this.ofStreams + bytes > maxHeldByStreams) throw busy('too many streams are open');
    if (isStream && isFull(this.streamsByDepartment, department, maxHeldByStreamsOfDepartment))
      throw busy('too many streams of this department are open');
    this.count(held, bytes);
    response.once('close', () => this.count(held, -bytes));
  }

  private count({ caller, isStream }: Held, by: number): void {
    this.total += by;
    add(this.byCaller, caller.id, by);
    add(this.byDepartment, caller.department, by);
    if (!isStream) return;
    this.ofStreams += by;
    add(this.streamsByDepartment, caller.department, by);
  }
}

function add(counted: Map<string, number>, of: string, by: number): void {
  const bytes = (counted.get(of) ?? 0) + by;
  if (bytes > 0) counted.set(of, bytes);
  else counted.delete(of);
}

const busy = (detail: string): Unavailable => new Unavailable('bus.busy', detail, { retryAfterSeconds: 1 });
