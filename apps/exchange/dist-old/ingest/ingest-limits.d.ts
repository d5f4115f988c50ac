import { Clock } from '@govbus/platform';
import { AppConfig } from '../app.config';
import { IngestVolumes } from './ingest-volumes';
/**
 * How much a system may publish: events per second in this process, bytes per day over all. Whoever has something left
 * may send a whole request and then owes the rest, so that a large batch is never refused for ever.
 */
export declare class IngestLimits {
    private readonly volumes;
    private readonly clock;
    private readonly buckets;
    private readonly rate;
    private readonly bytesPerDay;
    private readonly policy;
    constructor(config: AppConfig, volumes: IngestVolumes, clock: Clock);
    /** Errors: `EdgeError` 429 `rate.exceeded` with `retry-after` when the system has nothing left. */
    admit(systemId: string): void;
    /** Errors: `EdgeError` 429 `rate.exceeded` when nothing of the day's bytes is left. */
    admitVolume(systemId: string): void;
    /** Counts what an admitted request brings. */
    charge(systemId: string, events: number, bytes: number): void;
    /** Counts what came and answers for how long, in ms, no more should be taken; for whoever is slowed, not refused. */
    pace(systemId: string, events: number, bytes: number): number;
    /** What is left, for the answer; nothing when there is no limit. Source: draft-ietf-httpapi-ratelimit-headers-10. */
    headersOf(systemId: string): Record<string, string>;
    private isUsedUp;
    private exceeded;
    /** For how long, in ms, the system has no events left. */
    debtMs(systemId: string): number;
    private bucketOf;
    private untilMidnightMs;
}
//# sourceMappingURL=ingest-limits.d.ts.map