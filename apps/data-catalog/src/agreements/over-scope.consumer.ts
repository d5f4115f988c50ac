import { OverScopeDetected } from '@govbus/contracts';
import { Handles, Inbox } from '@govbus/messaging';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { AgreementsService } from './agreements.service';

/** Hears from the exchange that an agreement was exceeded. */
@Controller()
export class OverScopeConsumer {
  constructor(
    private readonly inbox: Inbox,
    private readonly agreements: AgreementsService,
  ) {}

  @Handles(OverScopeDetected)
  apply(@Payload() message: unknown): Promise<void> {
    return this.inbox.process(OverScopeDetected, message, ({ data }, tx) => this.agreements.suspendExceeded(data, tx));
  }
}
