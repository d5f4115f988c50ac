import { IsSlug } from '@govbus/contracts';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import type { DirectoryEntry } from './directory-entry.entity';

export class DirectoryEntryOrder {
  /** As the events say it, or `*` for every category. */
  @IsString() @MaxLength(200) @Matches(/^\P{Cc}+$/u) category: string;
  @IsSlug() gridId: string;
  /** Absent: the whole grid. */
  @IsOptional() @IsArray() @ArrayMinSize(1) @ArrayMaxSize(5000) @IsSlug(true) cellIds?: string[];
  @IsSlug() unitId: string;
  @IsInt() @Min(1) @Max(365) limitWorkingDays: number;
}

export class DirectoryOrder {
  @ApiProperty({ type: [DirectoryEntryOrder] })
  @IsArray()
  @ArrayMaxSize(5000)
  @ValidateNested({ each: true })
  @Type(() => DirectoryEntryOrder)
  entries: DirectoryEntryOrder[];
}

export class DirectoryEntryView {
  @ApiProperty() category: string;
  @ApiProperty() gridId: string;
  @ApiProperty({ required: false, type: [String] }) cellIds?: string[];
  @ApiProperty() unitId: string;
  @ApiProperty() limitWorkingDays: number;

  static from({ category, gridId, cellIds, unitId, limitWorkingDays }: DirectoryEntry): DirectoryEntryView {
    return { category, gridId, ...(cellIds && { cellIds }), unitId, limitWorkingDays };
  }
}

export class DirectoryView {
  @ApiProperty({ type: [DirectoryEntryView] }) entries: DirectoryEntryView[];
  @ApiProperty() version: number;
}
