import { IsIn, IsInt, IsISO8601, IsOptional, IsString, IsUUID, MaxLength, Min } from 'class-validator';
import { defineEvent } from './contract';
import { IsSlug } from './identity';

/**
 * Where a case stands in its seven stages: collection (`reported`), filing with its place (`located`), `dispatched`,
 * `handling`, `feedback-given`, verification (`inspecting`, `closed`) and evaluation (`evaluated`). `return-review`: the
 * unit says that the case is not its own. `not-accepted` and `voided` end a case without a result.
 */
export const caseStatuses = [
  'reported',
  'located',
  'dispatched',
  'handling',
  'return-review',
  'feedback-given',
  'inspecting',
  'closed',
  'evaluated',
  'not-accepted',
  'voided',
] as const;
export type CaseStatus = (typeof caseStatuses)[number];

/** A case as it stands after a change; no description and no person in it. */
export class CaseChangedV1 {
  @IsUUID() caseId: string;
  @IsSlug() datasetId: string;
  @IsInt() @Min(1) position: number;
  @IsString() @MaxLength(200) category: string;
  @IsIn(caseStatuses) status: CaseStatus;
  @IsOptional() @IsIn(caseStatuses) previousStatus?: CaseStatus;
  @IsOptional() @IsSlug() cellId?: string;
  @IsOptional() @IsSlug() unitId?: string;
  @IsOptional() @IsISO8601({ strict: true }) dueAt?: string;
  @IsInt() @Min(1) version: number;
}

export const CaseOpened = defineEvent<CaseChangedV1>('case-routing.case-opened.v1', {
  topic: 'cases.events',
  data: CaseChangedV1,
  key: (d) => d.caseId,
});
export const CaseMoved = defineEvent<CaseChangedV1>('case-routing.case-moved.v1', {
  topic: 'cases.events',
  data: CaseChangedV1,
  key: (d) => d.caseId,
});
