import {
  auditActions,
  type AuditAction,
  AuditEntryV1,
  auditOutcomes,
  type AuditOutcome,
  IsSlug,
} from '@govbus/contracts';
import { PageQuery } from '@govbus/platform';
import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsISO8601, IsOptional, IsString, IsUUID, Matches, MaxLength } from 'class-validator';

/** Filters of a search; all given ones must hold. Times are half-open: `from` included, `to` not. */
export class EntriesQuery extends PageQuery {
  @IsOptional() @IsString() @MaxLength(100) actor?: string;
  @IsOptional() @IsSlug() datasetId?: string;
  @IsOptional() @IsUUID() agreementId?: string;
  @IsOptional() @IsUUID() subscriptionId?: string;
  @IsOptional() @Matches(/^[\w-]{22}$/) subjectKey?: string;
  /** The one that a problem document showed: what this request and all that followed from it left in the log. */
  @IsOptional() @IsString() @MaxLength(64) traceId?: string;
  @IsOptional() @IsIn(auditActions) action?: AuditAction;
  @IsOptional() @IsIn(auditOutcomes) outcome?: AuditOutcome;
  @IsOptional() @IsISO8601({ strict: true }) from?: string;
  @IsOptional() @IsISO8601({ strict: true }) to?: string;
}

/** A search by a person, whose id must not stand in an address: needs `datasetId` beside it. */
export class EntriesSearch extends EntriesQuery {
  @IsOptional() @IsString() @MaxLength(1000) subject?: string;
}

export class EntryResponse extends AuditEntryV1 {
  @ApiProperty() index: number;
}
export class EntryPage {
  @ApiProperty({ type: [EntryResponse] }) items: EntryResponse[];
  @ApiProperty({ required: false }) nextCursor?: string;
}

export class ProofResponse {
  @ApiProperty() entryId: string;
  @ApiProperty() index: number;
  /** Base64. */
  @ApiProperty() leafHash: string;
  /** The entry's bytes: canonical JSON (RFC 8785). */
  @ApiProperty() entry: string;
  @ApiProperty() treeSize: number;
  /** Base64, from the leaf up. */
  @ApiProperty({ type: [String] }) hashes: string[];
  @ApiProperty() checkpoint: string;
}
