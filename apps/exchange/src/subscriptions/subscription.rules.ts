import { Conflict, type DeliveryMode, Invalid } from '@govbus/contracts';

export const subscriptionStatuses = ['active', 'paused', 'stopped'] as const;
export type SubscriptionStatus = (typeof subscriptionStatuses)[number];
/** How a subscription may be delivered; queries and files need none. */
export const subscriptionModes = ['pull', 'webhook', 'sse', 'kafka'] as const satisfies readonly DeliveryMode[];
/** Most subscriptions of a department, and most of them by Kafka: each of these has a topic. */
const [maxSubscriptions, maxByKafka] = [1_000, 100];
/** Subscriptions of a department that may go on. */
export type Counts = { all: number; byKafka: number };
type State = { status: SubscriptionStatus; stopReason: string | null; version: number };

/** Why a webhook that answers 410 stops; its owner may start it again. */
export const WEBHOOK_GONE = 'webhook.gone';
/** Why a webhook stops whose receiver does not agree to deliveries; its owner may have it asked again. */
export const WEBHOOK_NOT_ALLOWED = 'webhook.not-allowed';

/** Whether a department may have one more. Errors: `Conflict` `subscription.too-many`. */
export function requireRoom({ all, byKafka }: Counts, mode: DeliveryMode): void {
  if (all >= maxSubscriptions)
    throw new Conflict('subscription.too-many', `the department has ${maxSubscriptions} subscriptions`);
  if (mode === 'kafka' && byKafka >= maxByKafka)
    throw new Conflict('subscription.too-many', `the department has ${maxByKafka} subscriptions by kafka`);
}

/** Holds deliveries back until it is resumed. */
export function pause(subscription: State): State {
  if (subscription.status !== 'active')
    throw new Conflict('subscription.not-active', `the subscription is ${subscription.status}`);
  return { status: 'paused', stopReason: null, version: subscription.version + 1 };
}

/** Starts a paused subscription again, or one that its receiver had stopped; never one its agreement stopped. */
export function resume(subscription: State): State {
  const { status, stopReason } = subscription;
  const isOwners = status === 'paused' || stopReason === WEBHOOK_GONE || stopReason === WEBHOOK_NOT_ALLOWED;
  if (!isOwners) throw new Conflict('subscription.not-paused', `the subscription is ${subscription.status}`);
  return { status: 'active', stopReason: null, version: subscription.version + 1 };
}

/** The acknowledged position after `position` was acknowledged: never backwards, never beyond what was disclosed. */
export function acknowledge(state: { ackedPosition: number; disclosedPosition: number }, position: number): number {
  if (position > state.disclosedPosition)
    throw new Invalid('cursor.invalid', 'the cursor lies beyond what was disclosed to this subscription');
  return Math.max(state.ackedPosition, position);
}

/** Milliseconds to wait before the next attempt: doubled with each failure up to an hour; `jitter` is in [0, 1). */
export function retryDelayMs(failures: number, jitter: number): number {
  const full = Math.min(1000 * 2 ** Math.min(failures - 1, 20), 3_600_000);
  return Math.round(full * (0.5 + jitter / 2));
}
