"use strict";
var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.WebhookSender = void 0;
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const standardwebhooks_1 = require("standardwebhooks");
const undici_1 = require("undici");
const app_config_1 = require("../app.config");
const addresses_1 = require("./addresses");
const webhook_rules_1 = require("./webhook.rules");
const timeoutMs = 10_000;
const maxRetryAfterMs = 3_600_000;
/** Sends pages to webhooks: signed (Standard Webhooks), no redirects, public addresses only. */
let WebhookSender = class WebhookSender {
    clock;
    allowPrivate;
    /** The name by which receivers know this deployment. */
    origin;
    agent;
    constructor(config, clock) {
        this.clock = clock;
        this.origin = new URL(config.PUBLIC_URL).hostname;
        this.allowPrivate = config.WEBHOOK_ALLOW_PRIVATE === 'true';
        const lookup = this.allowPrivate ? undefined : addresses_1.publicLookup;
        this.agent = new undici_1.Agent({ connect: { timeout: timeoutMs, lookup }, connections: 8, pipelining: 1 });
    }
    /**
     * Posts a committed page, or one event of it, once. `stop` ends it at once; nothing of the page or of the answer's body
     * is kept.
     *
     * Source: Standard Webhooks 1.0.0 (`v1`); CloudEvents 1.0.2 HTTP binding, batch and structured mode.
     */
    async send(page, target, stop) {
        if (stop.aborted)
            return { outcome: 'aborted' };
        try {
            const url = (0, addresses_1.webhookUrl)(target.url, this.allowPrivate);
            const now = this.clock.now();
            const { id, secrets, only, isSingle } = target;
            const events = page.events.filter((event) => only?.has(Number(event.id)) ?? true);
            const body = JSON.stringify(isSingle ? events[0] : events);
            const response = await (0, undici_1.fetch)(url, {
                method: 'POST',
                redirect: 'manual',
                dispatcher: this.agent,
                signal: AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]),
                headers: {
                    'content-type': `application/cloudevents${isSingle ? '' : '-batch'}+json; charset=utf-8`,
                    'webhook-id': id,
                    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
                    'webhook-signature': secrets.map((secret) => new standardwebhooks_1.Webhook(secret).sign(id, now, body)).join(' '),
                    'webhook-request-origin': this.origin,
                    'govbus-disclosure': page.disclosureId ?? '',
                },
                body,
            });
            await response.body?.cancel().catch(() => undefined);
            return resultOf(response.status, response.headers.get('retry-after'), now);
        }
        catch (error) {
            return stop.aborted ? { outcome: 'aborted' } : { outcome: 'failed', error: reasonOf(error), isDown: true };
        }
    }
    /**
     * Asks a receiver once whether it wants deliveries from here. Nothing of any record is in the question.
     *
     * Source: CloudEvents HTTP 1.1 Web Hooks, section 4.
     */
    async ask(target, stop) {
        try {
            const response = await (0, undici_1.fetch)((0, addresses_1.webhookUrl)(target, this.allowPrivate), {
                method: 'OPTIONS',
                redirect: 'manual',
                dispatcher: this.agent,
                signal: AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]),
                headers: { 'webhook-request-origin': this.origin },
            });
            await response.body?.cancel().catch(() => undefined);
            const { headers, status } = response;
            const consent = (0, webhook_rules_1.readConsent)(headers.get('webhook-allowed-origin'), headers.get('webhook-allowed-rate'), this.origin);
            // A receiver that is down has not refused.
            if (consent.outcome === 'refused' && (status === 429 || status >= 500))
                return resultOf(status, headers.get('retry-after'), this.clock.now());
            return consent;
        }
        catch (error) {
            return stop.aborted ? { outcome: 'aborted' } : { outcome: 'failed', error: reasonOf(error), isDown: true };
        }
    }
    onApplicationShutdown() {
        return this.agent.close();
    }
};
exports.WebhookSender = WebhookSender;
exports.WebhookSender = WebhookSender = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [app_config_1.AppConfig, platform_1.Clock])
], WebhookSender);
function resultOf(status, retryAfter, now) {
    if (status >= 200 && status < 300)
        return { outcome: 'delivered' };
    if (status === 410)
        return { outcome: 'gone' };
    const retryAfterMs = status === 429 || status === 503 ? readRetryAfter(retryAfter, now) : undefined;
    const isDown = status >= 500 || status === 408 || status === 425 || status === 429;
    return { outcome: 'failed', error: `the receiver answered ${status}`, isDown, retryAfterMs };
}
// RFC 9110 section 10.2.3: seconds or an HTTP date.
function readRetryAfter(value, now) {
    if (value === null)
        return undefined;
    const waitMs = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now.getTime();
    return Number.isFinite(waitMs) && waitMs > 0 ? Math.min(waitMs, maxRetryAfterMs) : undefined;
}
// The code alone: messages of the network stack name addresses, and those of the receiver may say anything.
function reasonOf(error) {
    const { name, cause } = error;
    if (name === 'TimeoutError')
        return `no answer within ${timeoutMs} ms`;
    const code = cause?.code ?? error.code;
    return typeof code === 'string' ? `no connection: ${code}` : 'no connection';
}
//# sourceMappingURL=webhook-sender.js.map