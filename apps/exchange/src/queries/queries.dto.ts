import { caseReferencePattern, type DeliveredEvent, IsSlug } from '@govbus/contracts';
import { ApiProperty } from '@nestjs/swagger';
import { Allow, IsInt, IsOptional, IsString, IsUUID, Matches, Max, MaxLength, Min, MinLength } from 'class-validator';

const scalar = { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }, { type: 'null' }] };

export class RunQueryRequest {
  @IsUUID() agreementId: string;
  @IsSlug() purpose: string;
  /** The case that the query is for, as the consumer names it: a reference, never a name. */
  @IsOptional() @Matches(caseReferencePattern) caseReference?: string;
  /** The key of one record; the agreement must show the key as it is. */
  @IsOptional() @IsString() @MinLength(1) @MaxLength(1024) key?: string;
  /** Granted fields (JSON pointers) and the values they must have, as the agreement shows them. */
  @ApiProperty({ required: false, type: 'object', maxProperties: 10, additionalProperties: scalar } as object)
  @IsOptional()
  @Allow()
  where?: unknown;
  @IsInt() @Min(1) @Max(500) limit: number = 100;
  /** `nextCursor` of the page before, with the same agreement and question. */
  @IsOptional() @IsString() @MaxLength(4000) cursor?: string;
}

export class QueryResponse {
  @ApiProperty() disclosureId?: string;
  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true } })
  events: readonly DeliveredEvent[];
  @ApiProperty({ required: false }) nextCursor?: string;
  @ApiProperty({ description: 'a page may be empty and yet not be the last' }) hasMore: boolean;
}
