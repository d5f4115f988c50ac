import { ApiProperty } from '@nestjs/swagger';
import { IsString, MaxLength, MinLength } from 'class-validator';

export class UnreadableMessageResponse {
  @ApiProperty({ description: '`<topic>-<partition>-<offset>`' }) id: string;
  @ApiProperty() topic: string;
  @ApiProperty({ type: 'integer' }) partition: number;
  @ApiProperty() offset: string;
  @ApiProperty({ description: 'why it is no event, or which error of PostgreSQL refused it; nothing of its content' })
  reason: string;
  @ApiProperty({ type: 'integer', description: 'size of the message' }) bytes: number;
  @ApiProperty({ type: String, format: 'date-time' }) parkedAt: Date;
}

export class UnreadableMessagePage {
  @ApiProperty({ type: [UnreadableMessageResponse] }) items: UnreadableMessageResponse[];
  @ApiProperty({ required: false }) nextCursor?: string;
}

export class ReplayAllResponse {
  @ApiProperty({ type: 'integer', description: 'how many are in the ledger now' }) replayed: number;
  @ApiProperty({ type: 'integer', description: 'how many stay parked' }) left: number;
}

export class DiscardOrder {
  @IsString() @MinLength(1) @MaxLength(500) reason: string;
}
