import { type ParkedMessage, type ParkedPage, ParkedMessages } from '@govbus/messaging';
import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiProperty } from '@nestjs/swagger';
import { actorOf, Audit } from '../audit';
import { type Caller, CurrentCaller, Scopes } from '../auth/caller';
import { PageQuery } from '../http/paging';

class ParkedMessageResponse {
  @ApiProperty() id: string;
  @ApiProperty() topic: string;
  @ApiProperty({ type: 'integer' }) partition: number;
  @ApiProperty() offset: string;
  @ApiProperty({ type: String, nullable: true }) type: string | null;
  @ApiProperty() code: string;
  @ApiProperty() detail: string;
  @ApiProperty({ type: 'integer' }) attempts: number;
  @ApiProperty({ type: String, format: 'date-time' }) parkedAt: Date;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) replayedAt: Date | null;
}
class ParkedMessagePage {
  @ApiProperty({ type: [ParkedMessageResponse] }) items: ParkedMessageResponse[];
  @ApiProperty({ required: false }) nextCursor?: string;
}

/** Messages that could not be handled, and their replay. */
@Controller('v1/parked-messages')
export class ParkedMessagesController {
  constructor(
    private readonly parked: ParkedMessages,
    private readonly audit: Audit,
  ) {}

  @Get()
  @Scopes('admin')
  @ApiOkResponse({ type: ParkedMessagePage })
  list(@Query() { cursor, limit }: PageQuery): Promise<ParkedPage> {
    return this.parked.list({ cursor, limit });
  }

  @Post(':id/replay')
  @HttpCode(200)
  @Scopes('admin')
  @ApiOkResponse({ type: ParkedMessageResponse })
  async replay(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<ParkedMessage> {
    await this.parked.replay(id, (tx) =>
      this.audit.record(
        {
          action: 'administer',
          operation: 'parked-messages:replay',
          outcome: 'done',
          actor: actorOf(caller),
          entity: `parked-message:${id}`,
        },
        tx,
      ),
    );
    return this.parked.get(id);
  }
}
