import { ApiProperty } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';

export class EventStatusQuery {
  @IsString() @MaxLength(512) source: string;
  @IsString() @MaxLength(512) id: string;
}

export class EventStatusResponse {
  @ApiProperty({ enum: ['stored', 'conflict', 'unknown'] }) status: 'stored' | 'conflict' | 'unknown';
  @ApiProperty({ required: false }) datasetId?: string;
  @ApiProperty({ required: false }) position?: number;
  @ApiProperty({ required: false }) recordedAt?: string;
}

export class LedgerResponse {
  @ApiProperty() datasetId: string;
  @ApiProperty({ description: 'the first event that is kept; what was before it is removed (retention)' })
  firstPosition: number;
  @ApiProperty() lastPosition: number;
  @ApiProperty({ description: 'how many events are kept' }) events: number;
  @ApiProperty({ description: 'records by their newest event' }) records: number;
  @ApiProperty() conflicts: number;
}
