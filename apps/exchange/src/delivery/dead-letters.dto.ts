import { ApiProperty } from '@nestjs/swagger';
import type { DeadLetter } from './dead-letters.sql';

export class DeadLetterResponse {
  @ApiProperty() deadLetterId: string;
  @ApiProperty({ description: 'the first position looked at' }) firstPosition: number;
  @ApiProperty({ description: 'the last position looked at' }) lastPosition: number;
  @ApiProperty({ description: 'how many events of them the lens let through' }) records: number;
  @ApiProperty() reason: string;
  @ApiProperty() attempts: number;
  @ApiProperty() putAsideAt: string;

  static from({ deadLetterId, after, through, records, reason, attempts, putAsideAt }: DeadLetter): DeadLetterResponse {
    const [firstPosition, lastPosition] = [after + 1, through];
    return {
      deadLetterId,
      firstPosition,
      lastPosition,
      records,
      reason,
      attempts,
      putAsideAt: putAsideAt.toISOString(),
    };
  }
}

export class DeadLetterPage {
  @ApiProperty({ type: [DeadLetterResponse] }) items: DeadLetterResponse[];
  @ApiProperty({ required: false }) nextCursor?: string;
}

export class RedriveResponse {
  @ApiProperty({ description: 'whether the receiver took the page; it is then no dead letter any more' })
  delivered: boolean;
  @ApiProperty({ required: false }) error?: string;
}

export class RedriveAllResponse {
  @ApiProperty({ description: 'how many pages the receiver took; they are no dead letters any more' })
  delivered: number;
  @ApiProperty({ description: 'how many dead letters the subscription has now' }) remaining: number;
  @ApiProperty({ required: false, description: 'why the page was not delivered that ended it' }) error?: string;
}
