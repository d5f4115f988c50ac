import { Clock, EdgeError } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { AppConfig } from '../app.config';
import { IngestVolumes } from './ingest-volumes';

/** Seconds of a system's rate that it may use at once. */
const burstSeconds = 2;
const dayMs = 86_400_000;
/** Longest rest at once of whoever is slowed, in ms: more may be left before that, as at midnight. */
export const maxRestMs = 60_000;

type Bucket = { tokens: number; at: number };

/**
 * How much a system may publish: events per second in this process, bytes per day over all. Whoever has something left
 * may send a whole request and then owes the rest, so that a large batch is never refused for ever.
 */
@Injectable()
export class IngestLimits {
  private readonly buckets = new LRUCache<string, Bucket>({ max: 10_000 });
  private readonly rate: number;
  private readonly bytesPerDay: number;
  private readonly policy: string;

  constructor(
    config: AppConfig,
    private readonly volumes: IngestVolumes,
    private readonly clock: Clock,
  ) {
    this.rate = config.INGEST_EVENTS_PER_SECOND;
    this.bytesPerDay = config.INGEST_BYTES_PER_DAY;
    const policies: string[] = [];
    if (this.rate > 0) policies.push(`"events";q=${this.rate * burstSeconds};w=${burstSeconds}`);
    if (this.bytesPerDay > 0) policies.push(`"bytes";q=${this.bytesPerDay};qu="content-bytes";w=${dayMs / 1000}`);
    this.policy = policies.join(', ');
  }

  /** Errors: `EdgeError` 429 `rate.exceeded` with `retry-after` when the system has nothing left. */
  admit(systemId: string): void {
    this.admitVolume(systemId);
    const waitMs = this.debtMs(systemId);
    if (waitMs > 0) throw this.exceeded(systemId, 'the system publishes more events than its limit', waitMs);
  }

  /** Errors: `EdgeError` 429 `rate.exceeded` when nothing of the day's bytes is left. */
  admitVolume(systemId: string): void {
    if (this.isUsedUp(systemId))
      throw this.exceeded(systemId, 'the system has published its bytes of the day', this.untilMidnightMs());
  }

  /** Counts what an admitted request brings. */
  charge(systemId: string, events: number, bytes: number): void {
    if (this.rate > 0) this.bucketOf(systemId).tokens -= events;
    if (this.bytesPerDay > 0) this.volumes.add(systemId, bytes);
  }

  /** Counts what came and answers for how long, in ms, no more should be taken; for whoever is slowed, not refused. */
  pace(systemId: string, events: number, bytes: number): number {
    this.charge(systemId, events, bytes);
    return Math.min(this.isUsedUp(systemId) ? Infinity : this.debtMs(systemId), maxRestMs);
  }

  /** What is left, for the answer; nothing when there is no limit. Source: draft-ietf-httpapi-ratelimit-headers-10. */
  headersOf(systemId: string): Record<string, string> {
    if (this.policy === '') return {};
    const left: string[] = [];
    if (this.rate > 0) {
      const { tokens } = this.bucketOf(systemId);
      const fullInSeconds = Math.ceil((this.rate * burstSeconds - tokens) / this.rate);
      left.push(`"events";r=${Math.max(0, Math.floor(tokens))};t=${fullInSeconds}`);
    }
    if (this.bytesPerDay > 0) {
      const bytes = Math.max(0, this.bytesPerDay - this.volumes.today(systemId));
      left.push(`"bytes";r=${bytes};t=${Math.ceil(this.untilMidnightMs() / 1000)}`);
    }
    return { 'ratelimit-policy': this.policy, ratelimit: left.join(', ') };
  }

  private isUsedUp(systemId: string): boolean {
    return this.bytesPerDay > 0 && this.volumes.today(systemId) >= this.bytesPerDay;
  }

  private exceeded(systemId: string, detail: string, waitMs: number): EdgeError {
    const headers = { 'retry-after': String(Math.ceil(waitMs / 1000)), ...this.headersOf(systemId) };
    return new EdgeError(429, 'rate.exceeded', detail, headers);
  }

  /** For how long, in ms, the system has no events left. */
  debtMs(systemId: string): number {
    if (this.rate <= 0) return 0;
    const { tokens } = this.bucketOf(systemId);
    return tokens > 0 ? 0 : ((1 - tokens) / this.rate) * 1000;
  }

  private bucketOf(systemId: string): Bucket {
    const now = performance.now();
    let bucket = this.buckets.get(systemId);
    if (!bucket) {
      bucket = { tokens: this.rate * burstSeconds, at: now };
      this.buckets.set(systemId, bucket);
    }
    bucket.tokens = Math.min(this.rate * burstSeconds, bucket.tokens + ((now - bucket.at) / 1000) * this.rate);
    bucket.at = now;
    return bucket;
  }

  private untilMidnightMs(): number {
    return dayMs - (this.clock.now().getTime() % dayMs);
  }
}
