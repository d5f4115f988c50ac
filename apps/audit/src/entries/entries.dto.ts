import {
  ActorV1,
  auditActions,
  type AuditAction,
  AuditEntryV1,
  auditOutcomes,
  type AuditOutcome,
  caseReferencePattern,
  IsNested,
  IsSlug,
  PositionsV1,
} from '@govbus/contracts';
import { PageQuery } from '@govbus/platform';
import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { IsIn, IsISO8601, IsOptional, IsString, IsUUID, Matches, MaxLength } from 'class-validator';

/** Filters of a search; all given ones must hold. Times are half-open: `from` included, `to` not. */
export class EntriesQuery extends PageQuery {
  @IsOptional() @IsString() @MaxLength(100) actor?: string;
  @IsOptional() @IsSlug() datasetId?: string;
  @IsOptional() @IsUUID() agreementId?: string;
  @IsOptional() @IsUUID() subscriptionId?: string;
  @IsOptional() @Matches(/^[\w-]{22}$/) subjectKey?: string;
  /** `<noun>:<id>`; a disclosure by the id that its consumer holds: `disclosure:<id>`. */
  @IsOptional() @IsString() @MaxLength(120) entity?: string;
  @IsOptional() @Matches(caseReferencePattern) caseReference?: string;
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

@ApiSchema({ description: 'who acted, by the verified token' })
export class EntryActor extends ActorV1 {
  @ApiProperty({
    description: 'the system or the officer; the service that acted by itself; `anonymous` without a token',
  })
  declare id: string;
  @ApiProperty({ description: 'what `id` names' })
  declare kind: ActorV1['kind'];
  @ApiProperty({ description: 'the department that it acted for (GB 32100), as it was then' })
  declare department?: string;
}

@ApiSchema({
  description:
    'first to last of what was published or shown, in the ledger of the dataset; positions between need not have been ' +
    'among it: all were if `records` is `last - first + 1`',
})
export class EntryPositions extends PositionsV1 {
  @ApiProperty({ description: 'the lowest position' }) declare first: number;
  @ApiProperty({ description: 'the highest position' }) declare last: number;
}

/** What a field means in court: `docs/how-to/show-who-saw-what.md`. */
export class EntryResponse extends AuditEntryV1 {
  @ApiProperty({ description: 'the place in the log, from 0' }) index: number;
  @ApiProperty({ description: 'by this id the entry is shown and proved' }) declare entryId: string;
  @ApiProperty({ description: 'when the service recorded it, by its clock: what is disclosed goes out after it' })
  declare time: string;
  @ApiProperty({ description: 'which service recorded it' }) declare service: string;
  @ApiProperty({
    description:
      '`publish`: events came into the ledger; `disclose`: data was shown, or this log was; `refuse`: a request was ' +
      'turned down; `administer`: something was set, moved or ended; `case`: a case moved',
  })
  declare action: AuditAction;
  @ApiProperty({ description: 'what was done, as the API names it, such as `subscriptions:read`' })
  declare operation: string;
  @ApiProperty({
    description:
      '`done`; `denied`: a decision said no; `refused`: the request was wrong or came at a wrong time; `failed`: it was ' +
      'begun and not finished',
  })
  declare outcome: AuditOutcome;
  @IsNested(() => EntryActor) declare actor: EntryActor;
  @ApiProperty({ description: 'the dataset it is about' }) declare datasetId?: string;
  @ApiProperty({ description: 'the agreement it was done under, or that it changed' }) declare agreementId?: string;
  @ApiProperty({ description: 'the version of the agreement then; each move of the agreement makes a new one' })
  declare agreementVersion?: number;
  @ApiProperty({ description: 'the subscription it is about; queries and exports have none' })
  declare subscriptionId?: string;
  @ApiProperty({ description: 'what the consumer said that it is for' }) declare purpose?: string;
  @ApiProperty({ description: 'the legal basis in the terms of the agreement' }) declare legalBasis?: string;
  @ApiProperty({ description: 'the case that it is for, as the consumer numbers it; the bus does not check it' })
  declare caseReference?: string;
  @ApiProperty({
    description:
      'any other thing it is about, `<noun>:<id>`: `disclosure:<id>` by the id that the consumer was given, ' +
      '`export:<id>`, `case:<id>`',
  })
  declare entity?: string;
  @IsOptional() @IsNested(() => EntryPositions) declare positions?: EntryPositions;
  @ApiProperty({ description: 'how many events or records; of a refusal, how many equal ones the entry stands for' })
  declare records?: number;
  @ApiProperty({ description: 'JSON pointers of the fields that the agreement granted, masked ones among them' })
  declare fields?: string[];
  @ApiProperty({
    description:
      'the persons shown or asked about: HMAC-SHA-256 of `<dataset>|<person>` under the key of the deployment, the ' +
      'first 22 characters in base64url',
  })
  declare subjectKeys?: string[];
  @ApiProperty({
    description:
      'SHA-256, hex, over the joined hex digests of the events published or shown, in their order; the digest of an ' +
      "event is SHA-256 over the canonical JSON (RFC 8785) of the publisher's original without `datacontenttype`, numbers and " +
      'booleans of its extensions as text. Of an export that is finished or downloaded: SHA-256 of the file',
  })
  declare digest?: string;
  @ApiProperty({ description: 'why it was not done: a stable code, see problems.md' }) declare code?: string;
  @ApiProperty({ description: 'why, in words: of the officer who acted, or of the refusal' }) declare reason?: string;
  @ApiProperty({ description: 'shared by all that one request left, here and in the logs of the services' })
  declare traceId?: string;
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
