import { type CaseStatus, caseStatuses, IsSlug } from '@govbus/contracts';
import { PageQuery } from '@govbus/platform';
import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import type { CaseRecord, CaseStep } from './case.entity';

export class CaseQuery extends PageQuery {
  @IsOptional() @IsIn(caseStatuses) status?: CaseStatus;
  @IsOptional() @IsSlug() unitId?: string;
  @IsOptional() @IsSlug() cellId?: string;
  @IsOptional() @IsSlug() datasetId?: string;
  /** Whether the case has a grid cell. */
  @IsOptional() @IsIn(['true', 'false']) located?: 'true' | 'false';
}

export class CaseCountsQuery {
  @IsOptional() @IsSlug() datasetId?: string;
}

const counted = { type: 'object' as const, additionalProperties: { type: 'integer' as const } };

export class CaseCountsView {
  @ApiProperty({ type: 'integer' }) total: number;
  @ApiProperty(counted) byStatus: Record<string, number>;
  /** Cases without a cell are in the total alone. */
  @ApiProperty(counted) byCell: Record<string, number>;
  /** Cases without a unit are in the total alone. */
  @ApiProperty(counted) byUnit: Record<string, number>;
}

export class CaseMove {
  @ApiProperty({ enum: caseStatuses }) @IsIn(caseStatuses) to: CaseStatus;
  @IsOptional() @IsString() @MaxLength(500) @Matches(/^(?:\P{Cc}|[\n\r\t])*$/u) note?: string;
}

export class CaseDispatch {
  @IsSlug() unitId: string;
}

export class CaseView {
  @ApiProperty() caseId: string;
  @ApiProperty() datasetId: string;
  @ApiProperty() position: number;
  @ApiProperty({ required: false }) recordKey?: string;
  @ApiProperty() category: string;
  @ApiProperty({ enum: caseStatuses }) status: CaseStatus;
  @ApiProperty({ required: false }) cellId?: string;
  @ApiProperty({ required: false }) unitId?: string;
  @ApiProperty() openedAt: string;
  @ApiProperty({ required: false }) dueAt?: string;
  @ApiProperty() version: number;

  static from(matter: CaseRecord): CaseView {
    const { caseId, datasetId, position, category, status, openedAt, version } = matter;
    return {
      caseId,
      datasetId,
      position,
      recordKey: matter.recordKey ?? undefined,
      category,
      status,
      cellId: matter.cellId ?? undefined,
      unitId: matter.unitId ?? undefined,
      openedAt: openedAt.toISOString(),
      dueAt: matter.dueAt?.toISOString(),
      version,
    };
  }
}

export class CasePage {
  @ApiProperty({ type: [CaseView] }) items: CaseView[];
  @ApiProperty({ required: false }) nextCursor?: string;
}

export class CaseStepView {
  @ApiProperty() version: number;
  @ApiProperty({ enum: caseStatuses }) status: CaseStatus;
  @ApiProperty() at: string;
  @ApiProperty() actorId: string;
  @ApiProperty({ required: false }) cellId?: string;
  @ApiProperty({ required: false }) unitId?: string;
  @ApiProperty({ required: false }) note?: string;

  static from(step: CaseStep): CaseStepView {
    return {
      version: step.version,
      status: step.status,
      at: step.at.toISOString(),
      actorId: step.actorId,
      cellId: step.cellId ?? undefined,
      unitId: step.unitId ?? undefined,
      note: step.note ?? undefined,
    };
  }
}

export class CaseDetailView extends CaseView {
  @ApiProperty() gridId: string;
  @ApiProperty({ required: false }) latitude?: number;
  @ApiProperty({ required: false }) longitude?: number;
  @ApiProperty({ required: false }) summary?: string;
  @ApiProperty({ required: false }) occurredAt?: string;
  @ApiProperty({ required: false }) dispatchedAt?: string;
  @ApiProperty() returns: number;
  @ApiProperty({ type: [CaseStepView] }) steps: CaseStepView[];

  static of(matter: CaseRecord, steps: readonly CaseStep[]): CaseDetailView {
    return {
      ...CaseView.from(matter),
      gridId: matter.gridId,
      latitude: matter.latitude ?? undefined,
      longitude: matter.longitude ?? undefined,
      summary: matter.summary ?? undefined,
      occurredAt: matter.occurredAt?.toISOString(),
      dispatchedAt: matter.dispatchedAt?.toISOString(),
      returns: matter.returns,
      steps: steps.map(CaseStepView.from),
    };
  }
}
