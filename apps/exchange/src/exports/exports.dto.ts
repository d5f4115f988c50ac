import { caseReferencePattern, IsSlug } from '@govbus/contracts';
import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, IsString, IsUUID, Matches, Max, MaxLength, Min } from 'class-validator';
import { shareOf } from './export.rules';
import { columnsOf, mediaTypes } from './export-format.rules';
import {
  type ExportContent,
  exportContents,
  type ExportFormat,
  exportFormats,
  type ExportJob,
  type ExportStatus,
  exportStatuses,
} from './export-job.entity';

export class CreateExportRequest {
  @IsUUID() agreementId: string;
  @IsSlug() purpose: string;
  /** The case that the file is for, as the consumer names it: a reference, never a name. */
  @IsOptional() @Matches(caseReferencePattern) caseReference?: string;
  @IsIn(exportFormats) format: ExportFormat;
  /** The latest record of each key, or the events as they came. */
  @IsIn(exportContents) of: ExportContent;
  /** The first position wanted, of events alone; 1 by default. */
  @IsOptional() @IsInt() @Min(1) @Max(Number.MAX_SAFE_INTEGER) from?: number;
  /** The last position wanted, of events alone; the last one there is by default. */
  @IsOptional() @IsInt() @Min(1) @Max(Number.MAX_SAFE_INTEGER) to?: number;
}

export class LinkQuery {
  @IsString() @Matches(/^\d{1,12}$/) expires: string;
  @IsString() @MaxLength(100) signature: string;
}

export class ExportProgressResponse {
  @ApiProperty({ description: 'of what is looked at, in tenths, rounded down; 1 when all was', minimum: 0, maximum: 1 })
  share: number;
}

export class ExportLinkResponse {
  @ApiProperty({ description: 'the file, without a token' }) url: string;
  @ApiProperty() expiresAt: string;
}

export class ExportResponse {
  @ApiProperty() exportId: string;
  @ApiProperty() agreementId: string;
  @ApiProperty() agreementVersion: number;
  @ApiProperty() datasetId: string;
  @ApiProperty() purpose: string;
  @ApiProperty({ required: false }) caseReference?: string;
  @ApiProperty({ enum: exportFormats }) format: ExportFormat;
  @ApiProperty({ enum: exportContents }) of: ExportContent;
  @ApiProperty({ enum: exportStatuses }) status: ExportStatus;
  @ApiProperty({ required: false, description: 'why it failed or was stopped' }) reason?: string;
  @ApiProperty({ type: ExportProgressResponse }) progress: ExportProgressResponse;
  @ApiProperty({ description: 'records in the file, or written into it so far' }) records: number;
  @ApiProperty() bytes: number;
  @ApiProperty({ required: false, description: 'of the whole file, hex' }) sha256?: string;
  @ApiProperty({ required: false, type: ExportLinkResponse }) link?: ExportLinkResponse;
  @ApiProperty() createdAt: string;
  @ApiProperty({ required: false }) finishedAt?: string;
  @ApiProperty({ required: false, description: 'when the file is deleted' }) expiresAt?: string;

  static from(job: ExportJob, link?: ExportLinkResponse): ExportResponse {
    const { exportId, agreementId, agreementVersion, datasetId, purpose, format, status, records, bytes } = job;
    return {
      exportId,
      agreementId,
      agreementVersion,
      datasetId,
      purpose,
      caseReference: job.caseReference ?? undefined,
      format,
      of: job.content,
      status,
      reason: job.reason ?? undefined,
      progress: { share: shareOf(job) },
      records,
      bytes,
      sha256: job.sha256 ?? undefined,
      link,
      createdAt: job.createdAt.toISOString(),
      finishedAt: job.finishedAt?.toISOString(),
      expiresAt: job.expiresAt?.toISOString(),
    };
  }
}

export class ExportPage {
  @ApiProperty({ type: [ExportResponse] }) items: ExportResponse[];
  @ApiProperty({ required: false }) nextCursor?: string;
}

export class RecordedPeriodResponse {
  @ApiProperty({ description: 'when the first record was recorded' }) from: string;
  @ApiProperty({ description: 'when the last record was recorded' }) to: string;
}

export class PositionsResponse {
  @ApiProperty() first: number;
  @ApiProperty() last: number;
}

export class ManifestResponse {
  @ApiProperty() exportId: string;
  @ApiProperty() datasetId: string;
  @ApiProperty() agreementId: string;
  @ApiProperty() agreementVersion: number;
  @ApiProperty() purpose: string;
  @ApiProperty({ required: false }) caseReference?: string;
  @ApiProperty({ enum: exportFormats }) format: ExportFormat;
  @ApiProperty() mediaType: string;
  @ApiProperty({ enum: exportContents }) of: ExportContent;
  @ApiProperty({ description: 'the granted pointers' }) fields: string[];
  @ApiProperty({ type: [String], required: false, description: 'of a CSV file, in order' }) columns?: string[];
  @ApiProperty({ required: false, type: RecordedPeriodResponse }) period?: RecordedPeriodResponse;
  @ApiProperty({ required: false, type: PositionsResponse }) positions?: PositionsResponse;
  @ApiProperty() records: number;
  @ApiProperty() bytes: number;
  @ApiProperty({ description: 'of the whole file, hex' }) sha256: string;
  @ApiProperty() createdAt: string;
  @ApiProperty() finishedAt: string;

  static from(job: ExportJob, sha256: string, finishedAt: Date): ManifestResponse {
    const { exportId, datasetId, agreementId, agreementVersion, purpose, format, content, fields } = job;
    const { firstPosition: first, lastPosition: last, firstRecordedAt: from, lastRecordedAt: to } = job;
    return {
      exportId,
      datasetId,
      agreementId,
      agreementVersion,
      purpose,
      caseReference: job.caseReference ?? undefined,
      format,
      mediaType: mediaTypes[format],
      of: content,
      fields,
      columns: format === 'csv' ? columnsOf(fields) : undefined,
      period: from && to ? { from: from.toISOString(), to: to.toISOString() } : undefined,
      positions: first !== null && last !== null ? { first, last } : undefined,
      records: job.records,
      bytes: job.bytes,
      sha256,
      createdAt: job.createdAt.toISOString(),
      finishedAt: finishedAt.toISOString(),
    };
  }
}
