import type { AgreementRecordV1 } from '@govbus/contracts';
import type { System } from './system.ts';
import { demand } from './verify.ts';

/** A subscription of the consumer's system under an agreement; its id. Without `webhook` it is pulled. */
export async function subscribe(
  system: System,
  { agreementId }: AgreementRecordV1,
  token: string,
  { startFrom, webhook }: { startFrom: 'beginning' | 'now'; webhook?: string },
): Promise<string> {
  const order = { agreementId, purpose: 'case-handling', startFrom };
  const way = webhook === undefined ? { mode: 'pull' } : { mode: 'webhook', webhook: { url: webhook } };
  const response = await fetch(`${system.url}/v1/subscriptions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...order, ...way }),
  });
  const { subscriptionId, detail } = (await response.json()) as { subscriptionId?: string; detail?: string };
  demand(response.status === 201, `a subscription was answered with ${response.status}: ${detail}`);
  return subscriptionId ?? '';
}

/** Ends a subscription, as its owner. */
export async function unsubscribe(system: System, subscriptionId: string, token: string): Promise<void> {
  const url = `${system.url}/v1/subscriptions/${subscriptionId}`;
  const response = await fetch(url, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } });
  demand(response.status === 204, `the end of a subscription was answered with ${response.status}`);
}
