import { type DeliveryMode, deliveryModes, IsSlug } from '@govbus/contracts';
import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';

export class EventStatusQuery {
  @IsString() @MaxLength(512) source: string;
  @IsString() @MaxLength(512) id: string;
  /** Where a source gave one id to events of several datasets: without it, the newest is told. */
  @IsOptional() @IsSlug() dataset?: string;
}

const eventStatuses = ['accepted', 'stored', 'conflict', 'unknown'] as const;

/** A disclosure whose positions cover an event. */
export class EventDelivery {
  @ApiProperty() disclosureId: string;
  @ApiProperty() disclosedAt: string;
  @ApiProperty() consumerDepartment: string;
  @ApiProperty() agreementId: string;
  @ApiProperty() agreementVersion: number;
  @ApiProperty({ required: false }) subscriptionId?: string;
  @ApiProperty({ required: false }) purpose?: string;
  @ApiProperty({ required: false, enum: deliveryModes }) mode?: DeliveryMode;
  @ApiProperty({
    enum: ['included', 'possible'],
    description: '`possible`: positions around it were shown, under terms or a choice that cannot be repeated',
  })
  record: 'included' | 'possible';
  @ApiProperty({
    required: false,
    description: 'whether its subscription is past the event: confirmed by the consumer, or put aside',
  })
  isDone?: boolean;
}

export class EventStatusResponse {
  @ApiProperty({
    enum: eventStatuses,
    description:
      '`accepted`: on disk, and the ledger comes to it (known for the last events of the process that is asked); ' +
      '`stored`: at `position`, once, however often it was sent; `conflict`: another event came under the same source ' +
      'and id, and was put aside; `unknown`: not in the ledger, or not yet',
  })
  status: (typeof eventStatuses)[number];
  @ApiProperty({ required: false }) datasetId?: string;
  @ApiProperty({ required: false }) position?: number;
  @ApiProperty({ required: false }) recordedAt?: string;
  @ApiProperty({ required: false, description: 'how often the stored event came again, and was not stored again' })
  duplicates?: number;
  @ApiProperty({ required: false }) lastDuplicateAt?: string;
  @ApiProperty({ required: false, type: [EventDelivery], description: 'to whom the stored event went, oldest first' })
  deliveries?: EventDelivery[];
  @ApiProperty({ required: false, description: 'false: there may be more deliveries than are told' })
  isComplete?: boolean;
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
