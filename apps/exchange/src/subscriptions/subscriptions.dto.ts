import { caseReferencePattern, type DeliveryMode, IsSlug } from '@govbus/contracts';
import { PageQuery } from '@govbus/platform';
import { ApiProperty } from '@nestjs/swagger';
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
  ValidateNested,
} from 'class-validator';
import type { Subscription } from './subscription.entity';
import { topicOf } from '../delivery/share.rules';
import type { EventFilter } from './filters.rules';
import { startSchema } from './start.rules';
import { subscriptionModes, type SubscriptionStatus } from './subscription.rules';

export class WebhookRequest {
  @IsString() @MaxLength(2048) url: string;
  /** Whether the receiver must allow deliveries (`OPTIONS`, `WebHook-Allowed-Origin`) before the first one. */
  @IsOptional() @IsBoolean() handshake?: boolean;
  /** Failed attempts after which a page is put aside (dead letter) and delivery goes on behind it; 20 by default. */
  @IsOptional() @IsInt() @Min(1) @Max(100) maxAttempts?: number;
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
  /** Which of the granted events are wanted (CloudEvents Subscriptions: exact, prefix, suffix, all, any, not). */
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

export class RotateSecretRequest {
  /** Hours during which the key before signs as well. */
  @IsInt() @Min(0) @Max(168) overlapHours: number = 24;
}

export class AckRequest {
  @IsString() @MaxLength(500) cursor: string;
}

export class WebhookResponse {
  @ApiProperty() url: string;
  @ApiProperty({ required: false, description: 'whsec_…, shown once' }) secret?: string;
  @ApiProperty() handshake: boolean;
  @ApiProperty() maxAttempts: number;
  @ApiProperty({ description: 'pages put aside and not delivered since' }) deadLetters: number;
  @ApiProperty({ required: false, description: 'deliveries a minute that the receiver allows' }) rate?: number;
  @ApiProperty({ required: false, description: 'until when the key before signs as well' })
  previousSecretUntil?: string;
}

export class SubscriptionResponse {
  @ApiProperty() subscriptionId: string;
  @ApiProperty() agreementId: string;
  @ApiProperty() datasetId: string;
  @ApiProperty() purpose: string;
  @ApiProperty({ required: false }) caseReference?: string;
  @ApiProperty({ required: false }) areaCode?: string;
  @ApiProperty() mode: string;
  @ApiProperty({ required: false, type: () => WebhookResponse }) webhook?: WebhookResponse;
  @ApiProperty({ required: false, description: 'where a subscription by `kafka` is delivered' }) topic?: string;
  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true } }) filters: EventFilter[];
  @ApiProperty() status: SubscriptionStatus;
  @ApiProperty({ required: false }) stopReason?: string;
  @ApiProperty() ackedPosition: number;
  @ApiProperty() headPosition: number;
  @ApiProperty() lag: number;
  @ApiProperty() delivered: number;
  @ApiProperty({ required: false }) lastError?: string;
  @ApiProperty() version: number;

  static from(subscription: Subscription, headPosition: number, secret?: string): SubscriptionResponse {
    const {
      subscriptionId,
      agreementId,
      datasetId,
      purpose,
      mode,
      filters,
      status,
      ackedPosition,
      delivered,
      version,
    } = subscription;
    return {
      subscriptionId,
      agreementId,
      datasetId,
      purpose,
      caseReference: subscription.caseReference ?? undefined,
      areaCode: subscription.areaCode ?? undefined,
      mode,
      webhook: webhookOf(subscription, secret),
      topic: mode === 'kafka' ? topicOf(subscriptionId) : undefined,
      filters,
      status,
      stopReason: subscription.stopReason ?? undefined,
      ackedPosition,
      headPosition,
      lag: Math.max(0, headPosition - ackedPosition),
      delivered,
      lastError: subscription.lastError ?? undefined,
      version,
    };
  }
}

function webhookOf(subscription: Subscription, secret?: string): WebhookResponse | undefined {
  const {
    webhookUrl: url,
    webhookHandshake: handshake,
    maxAttempts,
    deadLetters,
    webhookRate,
    previousSecretUntil,
  } = subscription;
  if (url === null) return undefined;
  const rate = webhookRate ?? undefined;
  return {
    url,
    secret,
    handshake,
    maxAttempts,
    deadLetters,
    rate,
    previousSecretUntil: previousSecretUntil?.toISOString(),
  };
}

export class SubscriptionPage {
  @ApiProperty({ type: [SubscriptionResponse] }) items: SubscriptionResponse[];
  @ApiProperty({ required: false }) nextCursor?: string;
}
