import { createHash } from 'node:crypto';

type Message = { subscriptionId: string; agreementVersion: number; first: number; last: number };

/**
 * The `webhook-id` of a page: the same each time the page goes out under the same terms, whatever the attempt.
 *
 * Source: Standard Webhooks 1.0.0; it must hold no `.` and not be chosen by the caller.
 */
export function webhookIdOf({ subscriptionId, agreementVersion, first, last }: Message): string {
  const text = JSON.stringify([subscriptionId, first, last, agreementVersion]);
  return `msg_${createHash('sha256').update(text).digest('base64url').slice(0, 32)}`;
}

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

/** Milliseconds between two deliveries that keep a rate a minute; 0 without one. */
export const paceMs = (rate: number | null): number => (rate === null ? 0 : Math.ceil(60_000 / rate));
