import { ApiProperty } from '@nestjs/swagger';
import { IsISO8601, IsOptional, IsString, IsUUID, Matches, MaxLength, MinLength } from 'class-validator';
import { instant } from '../subscriptions/start.rules';
import type { Outage } from './outages.sql';

export class AnnounceOutageRequest {
  /** Without it, of all subscriptions of the department. */
  @IsOptional() @IsUUID() subscriptionId?: string;
  /** With its offset from UTC. */
  @ApiProperty({ format: 'date-time' }) @IsISO8601({ strict: true }) @Matches(instant) from: string;
  @ApiProperty({ format: 'date-time' }) @IsISO8601({ strict: true }) @Matches(instant) until: string;
  @IsString() @MinLength(1) @MaxLength(500) reason: string;
}

export class OutageResponse {
  @ApiProperty() outageId: string;
  @ApiProperty({ required: false }) subscriptionId?: string;
  @ApiProperty() from: string;
  @ApiProperty() until: string;
  @ApiProperty() reason: string;

  static from({ outageId, subscriptionId, from, until, reason }: Outage): OutageResponse {
    const [starts, ends] = [from.toISOString(), until.toISOString()];
    return { outageId, subscriptionId: subscriptionId ?? undefined, from: starts, until: ends, reason };
  }
}

export class OutageList {
  @ApiProperty({ type: [OutageResponse], description: 'those that are not over, the next first; 100 at most' })
  items: OutageResponse[];
}
