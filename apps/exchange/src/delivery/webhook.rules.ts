import { createHash } from 'node:crypto';

type Message = { subscriptionId: string; agreementVersion: number; replays: number; first: number; last: number };

/**
 * The `webhook-id` of a message: the same each time it goes out under the same terms, whatever the attempt; another when
 * it is replayed, because receivers drop ids that they know.
 *
 * Source: Standard Webhooks 1.0.0; it must hold no `.` and not be chosen by the caller.
 */
export function webhookIdOf({ subscriptionId, agreementVersion, replays, first, last }: Message): string {
  const text = JSON.stringify([subscriptionId, first, last, agreementVersion, ...(replays > 0 ? [replays] : [])]);
  return `msg_${createHash('sha256').update(text).digest('base64url').slice(0, 32)}`;
}

/**
 * Whether all events of a dataset go out one after the other, or only those of one record key: then each in a request of
 * its own, and one that fails holds those of its key alone.
 */
export const webhookOrders = ['dataset', 'key'] as const;
export type WebhookOrder = (typeof webhookOrders)[number];

/** How a record key is told from others where the key itself need not be kept; those without one count as one. */
export const keyDigestOf = (recordKey: string | null): string =>
  createHash('sha256')
    .update(recordKey ?? '')
    .digest('base64url')
    .slice(0, 22);

type Keyed = { position: number; keyDigest: string };
export type Lanes = {
  /** One for each key, its positions in order. */
  lanes: { keyDigest: string; positions: number[] }[];
  /** What must wait behind events that are held. */
  behind: Keyed[];
};

/** The events of a page by their keys; those whose key is in `waiting` are behind. */
export function lanesOf(events: readonly Keyed[], waiting: ReadonlySet<string>): Lanes {
  const lanes = new Map<string, number[]>();
  const behind = events.filter(({ keyDigest }) => waiting.has(keyDigest));
  for (const { position, keyDigest } of events) {
    if (waiting.has(keyDigest)) continue;
    const lane = lanes.get(keyDigest);
    if (lane) lane.push(position);
    else lanes.set(keyDigest, [position]);
  }
  return { lanes: [...lanes].map(([keyDigest, positions]) => ({ keyDigest, positions })), behind };
}

/**
 * Why an attempt failed: the receiver refuses what it was sent (`content`) or the call whatever is in it (`call`), it
 * breaks (`fault`), or it is away or busy (`away`).
 */
export type FailureCause = 'content' | 'call' | 'fault' | 'away';

const ofCall = [401, 403, 404, 405, 407, 421, 426];
const ofAway = [408, 425, 429, 502, 503, 504];
/** Failed attempts after which what is refused for its content is put aside at the latest: it hardly changes its mind. */
const maxRefusals = 3;

/** What a status that is neither 2xx nor 410 tells. */
export function failureCauseOf(status: number): FailureCause {
  if (ofAway.includes(status)) return 'away';
  if (status >= 500) return 'fault';
  return status < 400 || ofCall.includes(status) ? 'call' : 'content';
}

/** Whether the endpoint itself seems to be down or busy, rather than to dislike what it was sent. */
export const isDown = (cause: FailureCause): boolean => cause === 'fault' || cause === 'away';

/** Failed attempts after which what failed so is put aside, of the most that the subscription allows. */
export const maxAttemptsAt = (cause: FailureCause, maxAttempts: number): number =>
  cause === 'content' ? Math.min(maxRefusals, maxAttempts) : maxAttempts;

/** Failures in a row after which the circuit of an endpoint opens. */
export const circuitFailures = 5;
const [firstOpenMs, maxOpenMs] = [10_000, 300_000];

/**
 * Milliseconds for which a circuit is open when it opened `opened` times before without a success between: doubled each
 * time up to five minutes, and at least what the receiver asked for.
 */
export const openMs = (opened: number, retryAfterMs = 0): number =>
  Math.max(Math.min(firstOpenMs * 2 ** Math.min(opened, 10), maxOpenMs), retryAfterMs);

type Sealed = { webhookSecret: string | null; previousWebhookSecret: string | null; previousSecretUntil: Date | null };

/** The sealed keys that sign now, the newest first: while a rotation's overlap lasts, the one before as well. */
export function signingKeys(keys: Sealed, now: Date): string[] {
  const { webhookSecret, previousWebhookSecret, previousSecretUntil } = keys;
  const isOverlapping = previousSecretUntil !== null && previousSecretUntil > now;
  return [webhookSecret, isOverlapping ? previousWebhookSecret : null].filter((key) => key !== null);
}

export type Consent = { outcome: 'allowed'; rate?: number } | { outcome: 'refused'; error: string };

/**
 * Whether a receiver allows deliveries from `origin`, and how many a minute; its status proves nothing.
 *
 * Source: CloudEvents HTTP 1.1 Web Hooks, section 4.
 */
export function readConsent(allowedOrigin: string | null, allowedRate: string | null, origin: string): Consent {
  const allowed = allowedOrigin?.trim().toLowerCase();
  if (allowed !== '*' && allowed !== origin.toLowerCase())
    return { outcome: 'refused', error: `the receiver does not allow deliveries from ${origin}` };
  const rate = /^[1-9]\d{0,6}$/.exec(allowedRate?.trim() ?? '');
  return { outcome: 'allowed', ...(rate && { rate: Number(rate[0]) }) };
}

/** Milliseconds between two deliveries that keep a rate a minute; null without one. */
export const paceMs = (rate: number | null): number | null => (rate === null ? null : Math.ceil(60_000 / rate));
