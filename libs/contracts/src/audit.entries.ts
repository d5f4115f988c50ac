import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  IsUUID,
  Matches,
  MaxLength,
  Min,
} from 'class-validator';
import { defineEvent } from './contract';
import { IsNested } from './identity';

export const auditActions = ['publish', 'disclose', 'refuse', 'administer', 'case'] as const;
export type AuditAction = (typeof auditActions)[number];
export const auditOutcomes = ['done', 'denied', 'refused', 'failed'] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

/** A case as its own system numbers it: 1 to 80 letters, digits and `._:/-`. */
export const caseReferencePattern = /^[A-Za-z0-9][\w.:/-]{0,79}$/;

/** Who acted: the token's subject, or the service itself (`kind` `service`). */
export class ActorV1 {
  @IsString() @MaxLength(100) id: string;
  @IsIn(['system', 'officer', 'service', 'anonymous']) kind: 'system' | 'officer' | 'service' | 'anonymous';
  @IsOptional() @IsString() @MaxLength(18) department?: string;
}

/** Positions of a dataset's ledger, both ends included; those between need not have been published or shown. */
export class PositionsV1 {
  @IsInt() @Min(1) first: number;
  @IsInt() @Min(1) last: number;
}

/**
 * One access or one act, as the audit log keeps it. INVARIANT: no payload, no value of a record, no name of a person:
 * data subjects appear only as keyed hashes.
 */
export class AuditEntryV1 {
  @IsUUID() entryId: string;
  /** When the service recorded it: in the transaction of what it records, so before anything is disclosed. */
  @IsISO8601({ strict: true }) time: string;
  @IsString() @MaxLength(40) service: string;
  @IsIn(auditActions) action: AuditAction;
  /** What was done, as the API names it: `agreements:revoke`, `subscriptions:read`, `events:publish`. */
  @IsString() @MaxLength(80) operation: string;
  @IsIn(auditOutcomes) outcome: AuditOutcome;
  @IsNested(() => ActorV1) actor: ActorV1;
  @IsOptional() @IsString() @MaxLength(63) datasetId?: string;
  @IsOptional() @IsUUID() agreementId?: string;
  /** Of that moment; each move of the agreement (suspended, resumed, revoked …) makes a new one. */
  @IsOptional() @IsInt() agreementVersion?: number;
  @IsOptional() @IsUUID() subscriptionId?: string;
  @IsOptional() @IsString() @MaxLength(63) purpose?: string;
  @IsOptional() @IsString() @MaxLength(500) legalBasis?: string;
  /** The case that the use is for, as the consumer names it: a reference, never a name. */
  @IsOptional() @Matches(caseReferencePattern) caseReference?: string;
  /** Any other entity it is about, `<noun>:<id>`; `disclosure:<id>` by the id that the consumer was given. */
  @IsOptional() @IsString() @MaxLength(120) entity?: string;
  @IsOptional() @IsNested(() => PositionsV1) positions?: PositionsV1;
  /** How many events or records; of a refusal, how many equal ones the entry stands for. */
  @IsOptional() @IsInt() @Min(0) records?: number;
  /** JSON pointers of the fields that the agreement grants, masked or not. */
  @IsOptional() @IsArray() @ArrayMaxSize(500) @IsString({ each: true }) fields?: string[];
  /** HMAC-SHA-256 of `<dataset>|<subject>` under the deployment's subject key, base64url, first 22 characters. */
  @IsOptional() @IsArray() @ArrayMaxSize(1000) @Matches(/^[\w-]{22}$/, { each: true }) subjectKeys?: string[];
  /**
   * SHA-256, hex, over the joined hex digests of the events published or disclosed, in their order: which originals they
   * were, not what the lens left of them. Of an export that is finished or downloaded: SHA-256 of the file.
   */
  @IsOptional() @Matches(/^[0-9a-f]{64}$/) digest?: string;
  /** Why it was denied, refused or failed: a stable problem code. */
  @IsOptional() @IsString() @MaxLength(80) code?: string;
  @IsOptional() @IsString() @MaxLength(500) reason?: string;
  @IsOptional() @IsString() @MaxLength(64) traceId?: string;
}

export const AuditEntry = defineEvent<AuditEntryV1>('audit.entry-recorded.v1', {
  topic: 'audit.entries',
  data: AuditEntryV1,
  key: (d) => d.service,
});
