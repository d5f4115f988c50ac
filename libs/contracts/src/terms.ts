import {
  Allow,
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  Min,
} from 'class-validator';
import { IsNested, IsNestedList, IsPointer, IsSlug } from './identity';

export const maskKinds = ['redact', 'partial', 'pseudonym', 'generalise'] as const;
export type MaskKind = (typeof maskKinds)[number];
export const deliveryModes = ['pull', 'webhook', 'sse', 'kafka', 'query', 'file'] as const;
export type DeliveryMode = (typeof deliveryModes)[number];
export const overScopeActions = ['alarm', 'suspend'] as const;
export type OverScopeAction = (typeof overScopeActions)[number];

/**
 * A condition over one record. Leaves compare the value at a JSON pointer with constants; a missing value is null and
 * equals nothing but null.
 */
export type RowFilter =
  | { equals: { field: string; value: string | number | boolean | null } }
  | { in: { field: string; values: (string | number | boolean)[] } }
  | { prefix: { field: string; value: string } }
  | { all: RowFilter[] }
  | { any: RowFilter[] }
  | { not: RowFilter };

/** How one granted field is made coarser before it leaves. */
export class MaskV1 {
  @IsPointer() field: string;
  @IsIn(maskKinds) kind: MaskKind;
  /**
   * `partial`: `{ keepStart?, keepEnd? }` characters. `generalise`: `{ decimals }` for numbers (2 decimals of a degree
   * are about 1.1 km), `{ keep: 'year' | 'month' | 'day' }` for times. Others: none.
   */
  @IsOptional() @Allow() @IsObject() params?: {
    keepStart?: number;
    keepEnd?: number;
    decimals?: number;
    keep?: string;
  };
}

/** How much may be used under one agreement, by all its subscriptions and queries together; what is absent is unlimited. */
export class LimitsV1 {
  /** Accesses (pages with records, queries, exports) begun within one minute of the clock. */
  @IsOptional() @IsInt() @Min(1) accessesPerMinute?: number;
  /** Records disclosed within one UTC day. */
  @IsOptional() @IsInt() @Min(1) recordsPerDay?: number;
}

/** Only records of these areas: the value at `field` lies in one of the areas (12-digit codes; containment is prefix). */
export class AreaTermV1 {
  @IsPointer() field: string;
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(100) @Matches(/^\d{12}$/, { each: true }) codes: string[];
}

/** Under which terms a consumer may use a dataset. Compiled to a lens by `libs/policy`, which also checks `rowFilter`. */
export class TermsV1 {
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(20) @IsSlug(true) purposes: string[];
  @IsString() @MaxLength(500) legalBasis: string;
  /** JSON pointers of the granted fields; a pointer grants everything below it. */
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(500) @IsPointer(true) fields: string[];
  @ArrayMaxSize(500) @IsNestedList(() => MaskV1) masks: MaskV1[];
  @IsOptional() @Allow() @IsObject() rowFilter?: RowFilter;
  /** Half-open period `[validFrom, validTo)`, UTC. */
  @IsISO8601({ strict: true }) validFrom: string;
  @IsISO8601({ strict: true }) validTo: string;
  @IsArray() @ArrayMinSize(1) @IsIn(deliveryModes, { each: true }) deliveryModes: DeliveryMode[];
  /** Whether each use must name the case that it is for. */
  @IsOptional() @IsBoolean() caseRequired?: boolean;
  @IsOptional() @IsNested(() => LimitsV1) limits?: LimitsV1;
  @IsOptional() @IsNested(() => AreaTermV1) area?: AreaTermV1;
  /** What use beyond the limits does besides being refused: an alarm (default), or an alarm and suspension at once. */
  @IsOptional() @IsIn(overScopeActions) onOverScope?: OverScopeAction;
}
