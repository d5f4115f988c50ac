import type { DeliveredEvent } from '@govbus/contracts';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

export class PullQuery {
  @Type(() => Number) @IsInt() @Min(1) @Max(1000) limit: number = 100;
  @IsOptional() @IsString() @MaxLength(500) cursor?: string;
  /** Seconds to wait for the dataset to grow while there is nothing to answer. */
  @Type(() => Number) @IsInt() @Min(0) @Max(30) wait: number = 0;
}

export class PullResponse {
  @ApiProperty({ required: false, description: 'absent when the page is empty' }) disclosureId?: string;
  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true } })
  events: readonly DeliveredEvent[];
  @ApiProperty() nextCursor: string;
  @ApiProperty() hasMore: boolean;
}
