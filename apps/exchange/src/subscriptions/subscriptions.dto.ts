import { caseReferencePattern, type DeliveryMode, IsSlug } from '@govbus/contracts';
import { PageQuery } from '@govbus/platform';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  Allow,
  IsBoolean,
  IsDefined,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { type WebhookOrder, webhookOrders } from '../delivery/webhook.rules';
import { type WebhookSignature, webhookSignatures } from '../delivery/webhook-signatures';
import type { Conditions } from './conditions.sql';
import type { Subscription } from './subscription.entity';
import { topicOf } from '../delivery/share.rules';
import type { EventFilter } from './filters.rules';
import { donePosition, startSchema } from './start.rules';
import type { View } from './subscription-views';
import { subscriptionModes, type SubscriptionStatus, subscriptionStatuses } from './subscription.rules';

export class WebhookRequest {
  @IsString() @MaxLength(2048) url: string;
  /** Whether the receiver must allow deliveries (`OPTIONS`, `WebHook-Allowed-Origin`) before the first one. */
  @IsOptional() @IsBoolean() handshake?: boolean;
  /**
   * How deliveries are signed (Standard Webhooks): `v1` (the default) with a secret that you are shown once, `v1a` with a
   * key of which you hold the public half alone.
   */
  @ApiProperty({ required: false, enum: webhookSignatures })
  @IsOptional()
  @IsIn(webhookSignatures)
  signature?: WebhookSignature;
  /**
   * Failed attempts after which a page is put aside (dead letter) and delivery goes on behind it; 20 by default. What the
   * receiver refuses for its content is put aside after 3 at the latest; an endpoint that is away or busy counts none.
   */
  @IsOptional() @IsInt() @Min(1) @Max(100) maxAttempts?: number;
  /**
   * `dataset` (the default): one request after the other. `key`: each event in a request of its own, those of one record
   * key one after the other and several keys at the same time; an event that fails holds those of its key alone.
   */
  @ApiProperty({ required: false, enum: webhookOrders }) @IsOptional() @IsIn(webhookOrders) order?: WebhookOrder;
  /** Most events in one request: 1 sends each as a structured CloudEvent, more as a batch; 100 by default. */
  @IsOptional() @IsInt() @Min(1) @Max(100) maxEvents?: number;
}

export class CreateSubscriptionRequest {
  @IsUUID() agreementId: string;
  @IsSlug() purpose: string;
  /** The case that the use is for; needed where the agreement says so. */
  @IsOptional() @Matches(caseReferencePattern) caseReference?: string;
  /** Only records of this area (12 digits), which must lie in one of the agreement's. */
  @IsOptional() @Matches(/^\d{12}$/) areaCode?: string;
  @IsIn(subscriptionModes) mode: DeliveryMode;
  @ApiProperty({ required: false, type: () => WebhookRequest })
  @IsOptional()
  @ValidateNested()
  @Type(() => WebhookRequest)
  webhook?: WebhookRequest;
  @ApiProperty(startSchema) @IsDefined() startFrom: unknown;
  /** Which of the granted events are wanted (CloudEvents Subscriptions: exact, prefix, suffix, all, any, not, sql). */
  @ApiProperty({ required: false, type: 'array', items: { type: 'object', additionalProperties: true } })
  @IsOptional()
  @Allow()
  filters?: unknown;
}

export class SubscriptionsQuery extends PageQuery {
  @IsOptional() @IsUUID() agreementId?: string;
}

export class SeekRequest {
  @ApiProperty(startSchema) @IsDefined() to: unknown;
}

export class SkipRequest {
  /** The first position (or time) that is wanted again; `now` passes over everything. */
  @ApiPropertyOptional(startSchema) @IsOptional() @Allow() to?: unknown;
  /** How many positions to pass over, instead of `to`. */
  @IsOptional() @IsInt() @Min(1) count?: number;
  /** Why; it is kept in the audit log and must name nobody. */
  @IsString() @MinLength(1) @MaxLength(500) reason: string;
}

export class RotateSecretRequest {
  /** Hours during which the key before signs as well. */
  @IsInt() @Min(0) @Max(168) overlapHours: number = 24;
  /** How the new key signs; as the one before, unless it is said. */
  @ApiProperty({ required: false, enum: webhookSignatures })
  @IsOptional()
  @IsIn(webhookSignatures)
  signature?: WebhookSignature;
}

export class AckRequest {
  @IsString() @MaxLength(500) cursor: string;
}

export class WebhookResponse {
  @ApiProperty() url: string;
  @ApiProperty({ enum: webhookSignatures }) signature: WebhookSignature;
  @ApiProperty({ required: false, description: 'whsec_…, with `v1`, shown once' }) secret?: string;
  @ApiProperty({ required: false, description: 'whpk_…, with `v1a`' }) publicKey?: string;
  @ApiProperty() handshake: boolean;
  @ApiProperty() maxAttempts: number;
  @ApiProperty({ enum: webhookOrders }) order: WebhookOrder;
  @ApiProperty() maxEvents: number;
  @ApiProperty({ description: 'events that failed or wait for one of their key that did' }) held: number;
  @ApiProperty({ enum: ['closed', 'open', 'half-open'], description: 'of the endpoint, for all its subscriptions' })
  circuit: 'closed' | 'open' | 'half-open';
  @ApiProperty({ required: false, description: 'until when it was opened last' }) circuitUntil?: string;
  @ApiProperty({ description: 'pages put aside and not delivered since' }) deadLetters: number;
  @ApiProperty({ required: false, description: 'deliveries a minute that the receiver allows' }) rate?: number;
  @ApiProperty({ required: false, description: 'until when the key before signs as well' })
  previousSecretUntil?: string;
}

export class RunningOutage {
  @ApiProperty() from: string;
  @ApiProperty() until: string;
  @ApiProperty() reason: string;
}

export class SubscriptionResponse {
  @ApiProperty() subscriptionId: string;
  @ApiProperty() agreementId: string;
  @ApiProperty() datasetId: string;
  @ApiProperty({ description: 'the principal that made it' }) owner: string;
  @ApiProperty() purpose: string;
  @ApiProperty({ required: false }) caseReference?: string;
  @ApiProperty({ required: false }) areaCode?: string;
  @ApiProperty() mode: string;
  @ApiProperty({ required: false, type: () => WebhookResponse }) webhook?: WebhookResponse;
  @ApiProperty({ required: false, description: 'where a subscription by `kafka` is delivered' }) topic?: string;
  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true } }) filters: EventFilter[];
  @ApiProperty({ enum: subscriptionStatuses }) status: SubscriptionStatus;
  @ApiProperty({ required: false }) stopReason?: string;
  @ApiProperty({ description: 'everything up to here is done with' }) ackedPosition: number;
  @ApiProperty() headPosition: number;
  @ApiProperty() lag: number;
  @ApiProperty({ description: 'records, each counted once' }) delivered: number;
  @ApiProperty({ description: 'failed attempts at what is due' }) attempts: number;
  @ApiProperty({ description: 'failures in a row, also those that count as no attempt' }) failures: number;
  @ApiProperty({ required: false }) lastError?: string;
  @ApiProperty({ required: false }) lastDeliveredAt?: string;
  @ApiProperty({ required: false, description: 'not before; absent: at once' }) nextAttemptAt?: string;
  @ApiProperty({ required: false, description: 'a planned outage of the consumer that is running' })
  outage?: RunningOutage;
  @ApiProperty() version: number;

  static from({ subscription, head, conditions }: View, secret?: string): SubscriptionResponse {
    const { subscriptionId, agreementId, datasetId, owner, purpose, mode, filters, status } = subscription;
    const { delivered, version } = subscription;
    const ackedPosition = donePosition(subscription);
    const { outage } = conditions;
    return {
      subscriptionId,
      agreementId,
      datasetId,
      owner,
      purpose,
      caseReference: subscription.caseReference ?? undefined,
      areaCode: subscription.areaCode ?? undefined,
      mode,
      webhook: webhookOf(subscription, conditions, secret),
      topic: mode === 'kafka' ? topicOf(subscriptionId) : undefined,
      filters,
      status,
      stopReason: subscription.stopReason ?? undefined,
      ackedPosition,
      headPosition: head,
      lag: Math.max(0, head - ackedPosition),
      delivered,
      attempts: subscription.pageAttempts,
      failures: subscription.failures,
      lastError: subscription.lastError ?? undefined,
      lastDeliveredAt: subscription.lastDeliveredAt?.toISOString(),
      nextAttemptAt: (subscription.nextAttemptAt ?? subscription.heldDueAt)?.toISOString(),
      outage: outage
        ? { from: outage.from.toISOString(), until: outage.until.toISOString(), reason: outage.reason }
        : undefined,
      version,
    };
  }
}

function webhookOf(subscription: Subscription, conditions: Conditions, secret?: string): WebhookResponse | undefined {
  const { webhookUrl: url, webhookPublicKey: publicKey, webhookRate, previousSecretUntil } = subscription;
  const { maxAttempts, deadLetters } = subscription;
  if (url === null) return undefined;
  return {
    url,
    signature: publicKey === null ? 'v1' : 'v1a',
    secret,
    publicKey: publicKey ?? undefined,
    handshake: subscription.webhookHandshake,
    maxAttempts,
    order: subscription.webhookOrder,
    maxEvents: subscription.webhookMaxEvents,
    held: subscription.held,
    circuit: conditions.circuit,
    circuitUntil: conditions.circuitUntil?.toISOString(),
    deadLetters,
    rate: webhookRate ?? undefined,
    previousSecretUntil: previousSecretUntil?.toISOString(),
  };
}

export class SubscriptionPage {
  @ApiProperty({ type: [SubscriptionResponse] }) items: SubscriptionResponse[];
  @ApiProperty({ required: false }) nextCursor?: string;
}
