import { ApiProperty } from '@nestjs/swagger';
import { subscriptionStatuses, type SubscriptionStatus } from './subscription.rules';

/** A consumer's subscription as the owner of the dataset sees it: who and how far, never where to. */
export class RecipientResponse {
  @ApiProperty() subscriptionId: string;
  @ApiProperty() agreementId: string;
  @ApiProperty() consumerDepartment: string;
  @ApiProperty() purpose: string;
  @ApiProperty() mode: string;
  @ApiProperty({ enum: subscriptionStatuses }) status: SubscriptionStatus;
  @ApiProperty({ required: false }) stopReason?: string;
  @ApiProperty({ description: 'everything up to here is done with' }) ackedPosition: number;
  @ApiProperty() lag: number;
  @ApiProperty({ description: 'records, each counted once' }) delivered: number;
  @ApiProperty({ required: false }) lastDeliveredAt?: string;
  @ApiProperty({ description: 'pages put aside and not delivered since' }) deadLetters: number;
  @ApiProperty({ description: 'whether a planned outage of the consumer is running' }) isOut: boolean;
}

export class RecipientPage {
  @ApiProperty({ type: [RecipientResponse] }) items: RecipientResponse[];
  @ApiProperty({ required: false }) nextCursor?: string;
}
