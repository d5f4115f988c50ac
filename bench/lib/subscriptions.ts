import type { AgreementRecordV1 } from '@govbus/contracts';
import type { System } from './system.ts';
import { demand } from './verify.ts';

/** A subscription of the consumer's system under an agreement; its id. With `webhook` it is that, else as `mode` says. */
export async function subscribe(
  system: System,
  { agreementId }: AgreementRecordV1,
  token: string,
  { startFrom, webhook, mode = 'pull' }: { startFrom: 'beginning' | 'now'; webhook?: string; mode?: string },
): Promise<string> {
  const order = { agreementId, purpose: 'case-handling', startFrom };
  const way = webhook === undefined ? { mode } : { mode: 'webhook', webhook: { url: webhook } };
  const response = await fetch(`${system.url}/v1/subscriptions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...order, ...way }),
  });
  const { subscriptionId, detail } = (await response.json()) as { subscriptionId?: string; detail?: string };
  demand(response.status === 201, `a subscription was answered with ${response.status}: ${detail}`);
  return subscriptionId ?? '';
}

/** Sets the cursor of a subscription to the beginning, as its owner. */
export async function rewind(system: System, subscriptionId: string, token: string): Promise<void> {
  const response = await fetch(`${system.url}/v1/subscriptions/${subscriptionId}/seek`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ to: 'beginning' }),
  });
  demand(response.status === 200, `a seek was answered with ${response.status}: ${await response.text()}`);
}

/** Ends a subscription, as its owner. */
export async function unsubscribe(system: System, subscriptionId: string, token: string): Promise<void> {
  const url = `${system.url}/v1/subscriptions/${subscriptionId}`;
  const response = await fetch(url, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } });
  demand(response.status === 204, `the end of a subscription was answered with ${response.status}`);
}
