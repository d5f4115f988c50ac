import type { ServerResponse } from 'node:http';
import { Unavailable } from '@govbus/contracts';
import { Metrics } from '@govbus/platform';
import { Injectable } from '@nestjs/common';

const mib = 1024 * 1024;
/** Most bytes of bodies held at once, over all requests. */
const maxHeldBytes = 128 * mib;
/** Most of one caller: whoever sends much leaves room for the others. */
export const maxHeldByCaller = maxHeldBytes / 4;
/** Most of all streams, which may stay for hours. */
const maxHeldByStreams = maxHeldBytes / 2;

type Held = { callerId: string; bytes: number; isStream: boolean };

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

  constructor(metrics: Metrics) {
    const gauge = metrics.gauge('govbus_ingest_held_bytes', 'Bytes of bodies that requests make this process hold.');
    metrics.collect([gauge], () => gauge.of().set(this.total));
  }

  /** Counts a request of `bytes`. */
  take(held: Held, response: ServerResponse): void {
    // The client left while its token was verified, and nothing would tell us a second time.
    if (response.destroyed) return;
    const { callerId, bytes, isStream } = held;
    const ofCaller = this.byCaller.get(callerId) ?? 0;
    if (this.total + bytes > maxHeldBytes) throw busy('too many events are on their way');
    if (ofCaller + bytes > maxHeldByCaller) throw busy('too many events of this caller are on their way');
    if (isStream && this.ofStreams + bytes > maxHeldByStreams) throw busy('too many streams are open');
    this.total += bytes;
    this.ofStreams += isStream ? bytes : 0;
    this.byCaller.set(callerId, ofCaller + bytes);
    response.once('close', () => this.release(held));
  }

  private release({ callerId, bytes, isStream }: Held): void {
    this.total -= bytes;
    this.ofStreams -= isStream ? bytes : 0;
    const left = (this.byCaller.get(callerId) ?? 0) - bytes;
    if (left > 0) this.byCaller.set(callerId, left);
    else this.byCaller.delete(callerId);
  }
}

const busy = (detail: string): Unavailable => new Unavailable('bus.busy', detail, { retryAfterSeconds: 1 });
