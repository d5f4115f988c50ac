const dayMs = 24 * 60 * 60 * 1000;

/**
 * Days for which the id of an event is known at least, from when it was recorded: longer than `bus.events` keeps its
 * messages (7 days in `deploy/topics.yaml`), so that what Kafka still holds is never stored a second time.
 */
export const idDays = 30;

/** What was recorded before this time may be removed. */
export const cutoffOf = (retentionDays: number, now: Date): Date => new Date(now.getTime() - retentionDays * dayMs);
