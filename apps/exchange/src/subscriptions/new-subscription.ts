import { Invalid } from '@govbus/contracts';
import type { Caller } from '@govbus/platform';
import type { Subscription } from './subscription.entity';
import type { CreateSubscriptionRequest } from './subscriptions.dto';

/** Failed attempts after which a page is put aside, unless the subscription says another number. */
const defaultMaxAttempts = 20;

/** Events in one request, unless the subscription says another number. */
const defaultMaxEvents = 100;

type About = { datasetId: string; start: number; now: Date };
type Made = Omit<Subscription, 'subscriptionId' | 'filters' | 'webhookUrl' | 'webhookSecret' | 'webhookPublicKey'>;

/** A subscription as it begins, behind position `start`. Errors: `Invalid` `request.invalid`. */
export function newSubscription(
  { agreementId, purpose, mode, caseReference, areaCode, webhook }: CreateSubscriptionRequest,
  { id: owner, department: consumerDepartment }: Caller,
  { datasetId, start, now }: About,
): Made {
  return {
    ...{ agreementId, datasetId, consumerDepartment, owner, purpose, mode },
    caseReference: caseReference ?? null,
    areaCode: areaCode ?? null,
    previousWebhookSecret: null,
    previousSecretUntil: null,
    webhookHandshake: webhook?.handshake ?? false,
    webhookConsentedUrl: null,
    webhookRate: null,
    webhookOrder: webhook?.order ?? 'dataset',
    webhookMaxEvents: maxEventsOf(webhook),
    held: 0,
    heldFrom: null,
    heldDueAt: null,
    status: 'active',
    stopReason: null,
    statusBeforeStop: null,
    ackedPosition: start,
    disclosedPosition: start,
    replays: 0,
    pageThrough: null,
    maxAttempts: webhook?.maxAttempts ?? defaultMaxAttempts,
    pageAttempts: 0,
    deadLetters: 0,
    delivered: 0,
    lastDeliveredAt: null,
    failures: 0,
    lastError: null,
    nextAttemptAt: null,
    createdAt: now,
    version: 1,
  };
}

function maxEventsOf(webhook: CreateSubscriptionRequest['webhook']): number {
  if (webhook?.order !== 'key') return webhook?.maxEvents ?? defaultMaxEvents;
  if ((webhook.maxEvents ?? 1) !== 1)
    throw new Invalid('request.invalid', 'with the order `key` each event goes by itself', {
      faults: [{ pointer: '/webhook/maxEvents', code: 'maxEvents', detail: 'must be 1 with the order `key`' }],
    });
  return 1;
}
