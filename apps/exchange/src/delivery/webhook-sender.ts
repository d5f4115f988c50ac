import { Clock } from '@govbus/platform';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Agent, fetch } from 'undici';
import { AppConfig } from '../app.config';
import { publicLookup, webhookUrl } from './addresses';
import type { Disclosed } from './disclosure';
import { signatureBy } from './webhook-signatures';
import { type Consent, type FailureCause, failureCauseOf, readConsent } from './webhook.rules';

const timeoutMs = 15_000;
const maxRetryAfterMs = 3_600_000;

export type SendResult =
  | { outcome: 'delivered' }
  | { outcome: 'gone' }
  | { outcome: 'aborted' }
  | { outcome: 'failed'; error: string; cause: FailureCause; retryAfterMs?: number };

export type WebhookTarget = {
  url: string;
  /** Each signs; the newest first. */
  secrets: string[];
  /** The message's own id, the same for each attempt. */
  id: string;
  /** The positions of the page's events that go; all without it. */
  only?: ReadonlySet<number>;
  /** One event alone (structured mode) rather than a batch. */
  isSingle: boolean;
};

/** Sends pages to webhooks: signed (Standard Webhooks), no redirects, public addresses only. */
@Injectable()
export class WebhookSender implements OnApplicationShutdown {
  private readonly allowPrivate: boolean;
  /** The name by which receivers know this deployment. */
  private readonly origin: string;
  private readonly agent: Agent;

  constructor(
    config: AppConfig,
    private readonly clock: Clock,
  ) {
    this.origin = new URL(config.PUBLIC_URL).hostname;
    this.allowPrivate = config.WEBHOOK_ALLOW_PRIVATE === 'true';
    const lookup = this.allowPrivate ? undefined : publicLookup;
    // No bound for a host: who waits for a connection behind another department's receivers would be out of time. The
    // number of deliveries at once, and of their requests, bounds them all.
    this.agent = new Agent({ connect: { timeout: timeoutMs, lookup }, pipelining: 1 });
  }

  /**
   * Posts a committed page, or one event of it, once. `stop` ends it at once; nothing of the page or of the answer's body
   * is kept.
   *
   * Source: Standard Webhooks 1.0.0; CloudEvents 1.0.2 HTTP binding, batch and structured mode.
   */
  async send(page: Disclosed, target: WebhookTarget, stop: AbortSignal): Promise<SendResult> {
    if (stop.aborted) return { outcome: 'aborted' };
    try {
      const url = webhookUrl(target.url, this.allowPrivate);
      const now = this.clock.now();
      const { id, secrets, only, isSingle } = target;
      const events = page.events.filter((event) => only?.has(Number(event.id)) ?? true);
      const body = JSON.stringify(isSingle ? events[0] : events);
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        dispatcher: this.agent,
        signal: AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]),
        headers: {
          'content-type': `application/cloudevents${isSingle ? '' : '-batch'}+json; charset=utf-8`,
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
          'webhook-signature': secrets.map((secret) => signatureBy(secret, id, now, body)).join(' '),
          'webhook-request-origin': this.origin,
          'govbus-disclosure': page.disclosureId ?? '',
        },
        body,
      });
      await response.body?.cancel().catch(() => undefined);
      return resultOf(response.status, response.headers.get('retry-after'), now);
    } catch (error) {
      return stop.aborted ? { outcome: 'aborted' } : { outcome: 'failed', error: reasonOf(error), cause: 'away' };
    }
  }

  /**
   * Asks a receiver once whether it wants deliveries from here. Nothing of any record is in the question.
   *
   * Source: CloudEvents HTTP 1.1 Web Hooks, section 4.
   */
  async ask(target: string, stop: AbortSignal): Promise<Consent | SendResult> {
    try {
      const response = await fetch(webhookUrl(target, this.allowPrivate), {
        method: 'OPTIONS',
        redirect: 'manual',
        dispatcher: this.agent,
        signal: AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]),
        headers: { 'webhook-request-origin': this.origin },
      });
      await response.body?.cancel().catch(() => undefined);
      const { headers, status } = response;
      const consent = readConsent(
        headers.get('webhook-allowed-origin'),
        headers.get('webhook-allowed-rate'),
        this.origin,
      );
      // A receiver that is down has not refused.
      if (consent.outcome === 'refused' && (status === 429 || status >= 500))
        return resultOf(status, headers.get('retry-after'), this.clock.now());
      return consent;
    } catch (error) {
      return stop.aborted ? { outcome: 'aborted' } : { outcome: 'failed', error: reasonOf(error), cause: 'away' };
    }
  }

  onApplicationShutdown(): Promise<void> {
    return this.agent.close();
  }
}

function resultOf(status: number, retryAfter: string | null, now: Date): SendResult {
  if (status >= 200 && status < 300) return { outcome: 'delivered' };
  if (status === 410) return { outcome: 'gone' };
  const retryAfterMs = status === 429 || status === 503 ? readRetryAfter(retryAfter, now) : undefined;
  return { outcome: 'failed', error: `the receiver answered ${status}`, cause: failureCauseOf(status), retryAfterMs };
}

// RFC 9110 section 10.2.3: seconds or an HTTP date.
function readRetryAfter(value: string | null, now: Date): number | undefined {
  if (value === null) return undefined;
  const waitMs = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now.getTime();
  return Number.isFinite(waitMs) && waitMs > 0 ? Math.min(waitMs, maxRetryAfterMs) : undefined;
}

// The code alone: messages of the network stack name addresses, and those of the receiver may say anything.
function reasonOf(error: unknown): string {
  const { name, cause } = error as { name?: string; cause?: { code?: unknown } };
  if (name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  const code = cause?.code ?? (error as { code?: unknown }).code;
  return typeof code === 'string' ? `no connection: ${code}` : 'no connection';
}
