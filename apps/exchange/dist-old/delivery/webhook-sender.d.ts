import { Clock } from '@govbus/platform';
import { type OnApplicationShutdown } from '@nestjs/common';
import { AppConfig } from '../app.config';
import type { Disclosed } from './disclosure';
import { type Consent } from './webhook.rules';
export type SendResult = {
    outcome: 'delivered';
} | {
    outcome: 'gone';
} | {
    outcome: 'aborted';
} | {
    outcome: 'failed';
    error: string;
    /** Whether the endpoint itself seems to be down or busy, rather than to dislike what it was sent. */
    isDown: boolean;
    retryAfterMs?: number;
};
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
export declare class WebhookSender implements OnApplicationShutdown {
    private readonly clock;
    private readonly allowPrivate;
    /** The name by which receivers know this deployment. */
    private readonly origin;
    private readonly agent;
    constructor(config: AppConfig, clock: Clock);
    /**
     * Posts a committed page, or one event of it, once. `stop` ends it at once; nothing of the page or of the answer's body
     * is kept.
     *
     * Source: Standard Webhooks 1.0.0 (`v1`); CloudEvents 1.0.2 HTTP binding, batch and structured mode.
     */
    send(page: Disclosed, target: WebhookTarget, stop: AbortSignal): Promise<SendResult>;
    /**
     * Asks a receiver once whether it wants deliveries from here. Nothing of any record is in the question.
     *
     * Source: CloudEvents HTTP 1.1 Web Hooks, section 4.
     */
    ask(target: string, stop: AbortSignal): Promise<Consent | SendResult>;
    onApplicationShutdown(): Promise<void>;
}
//# sourceMappingURL=webhook-sender.d.ts.map