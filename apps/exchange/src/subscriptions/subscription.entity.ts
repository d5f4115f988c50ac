import type { DeliveryMode } from '@govbus/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { WebhookOrder } from '../delivery/webhook.rules';
import type { EventFilter } from './filters.rules';
import type { SubscriptionStatus } from './subscription.rules';

// Positions stay far below 2^53; PostgreSQL's bigint comes back as text.
const position = { from: Number, to: (value: number): number => value };

const nullablePosition = {
  from: (value: string | null): number | null => (value === null ? null : Number(value)),
  to: (value: number | null): number | null => value,
};

/** A cursor over a dataset's ledger, seen through an agreement. */
@Entity('subscriptions')
export class Subscription {
  @PrimaryColumn('uuid', { name: 'subscription_id' }) subscriptionId: string;
  @Column('uuid', { name: 'agreement_id' }) agreementId: string;
  @Column('text', { name: 'dataset_id' }) datasetId: string;
  @Column('text', { name: 'consumer_department' }) consumerDepartment: string;
  /** The principal that made it; a webhook delivers in its name. */
  @Column('text') owner: string;
  @Column('text') purpose: string;
  /** The case that it is for. */
  @Column('text', { name: 'case_reference', nullable: true }) caseReference: string | null;
  /** Only records of this area, which lies in one of the agreement's. */
  @Column('text', { name: 'area_code', nullable: true }) areaCode: string | null;
  @Column('text') mode: DeliveryMode;
  @Column('text', { name: 'webhook_url', nullable: true }) webhookUrl: string | null;
  /** Sealed with a key of the deployment; opened only to sign. */
  @Column('text', { name: 'webhook_secret', nullable: true, select: false }) webhookSecret: string | null;
  /** Signs as well until the time beside it; sealed like the other. */
  @Column('text', { name: 'previous_webhook_secret', nullable: true, select: false })
  previousWebhookSecret: string | null;
  /** What verifies the signatures of a receiver that holds no secret (`v1a`). */
  @Column('text', { name: 'webhook_public_key', nullable: true }) webhookPublicKey: string | null;
  @Column('timestamptz', { name: 'previous_secret_until', nullable: true }) previousSecretUntil: Date | null;
  /** Whether the receiver must agree before the first delivery. */
  @Column('boolean', { name: 'webhook_handshake' }) webhookHandshake: boolean;
  /** The address that agreed. */
  @Column('text', { name: 'webhook_consented_url', nullable: true }) webhookConsentedUrl: string | null;
  /** Deliveries a minute that the receiver allows; without one it says nothing. */
  @Column('integer', { name: 'webhook_rate', nullable: true }) webhookRate: number | null;
  @Column('text', { name: 'webhook_order' }) webhookOrder: WebhookOrder;
  /** Events in one request at most; one goes by itself, more as a batch. */
  @Column('integer', { name: 'webhook_max_events' }) webhookMaxEvents: number;
  /** Events that a webhook ordered by key has passed and still has to deliver, the first of them, when one is due. */
  @Column('integer') held: number;
  @Column('bigint', { name: 'held_from', nullable: true, transformer: nullablePosition }) heldFrom: number | null;
  @Column('timestamptz', { name: 'held_due_at', nullable: true }) heldDueAt: Date | null;
  /** What of the granted events is wanted: all of them must hold. */
  @Column('jsonb') filters: EventFilter[];
  @Column('text') status: SubscriptionStatus;
  @Column('text', { name: 'stop_reason', nullable: true }) stopReason: string | null;
  @Column('text', { name: 'status_before_stop', nullable: true }) statusBeforeStop: SubscriptionStatus | null;
  /** Everything up to here is done with; delivery goes on behind it. */
  @Column('bigint', { name: 'acked_position', transformer: position }) ackedPosition: number;
  /** Everything up to here was shown or filtered out at least once; no acknowledgement goes beyond it. */
  @Column('bigint', { name: 'disclosed_position', transformer: position }) disclosedPosition: number;
  /** Records delivered, each counted once however often it was replayed or redriven (`counted` knows which). */
  @Column('bigint', { transformer: position }) delivered: number;
  @Column('timestamptz', { name: 'last_delivered_at', nullable: true }) lastDeliveredAt: Date | null;
  /** How often it went back: a message that is replayed is another message. */
  @Column('integer') replays: number;
  /** Where the page ends whose delivery failed; the next attempt is for the same page. */
  @Column('bigint', { name: 'page_through', nullable: true, transformer: nullablePosition }) pageThrough: number | null;
  /** After so many failed attempts a page is put aside. */
  @Column('integer', { name: 'max_attempts' }) maxAttempts: number;
  /** Failed attempts at the page that is due. */
  @Column('integer', { name: 'page_attempts' }) pageAttempts: number;
  /** Pages that were put aside and not delivered since. */
  @Column('integer', { name: 'dead_letters' }) deadLetters: number;
  @Column('integer') failures: number;
  @Column('text', { name: 'last_error', nullable: true }) lastError: string | null;
  @Column('timestamptz', { name: 'next_attempt_at', nullable: true }) nextAttemptAt: Date | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('integer') version: number;
}
