import { DepartmentRecord, PrincipalRecord } from '@govbus/contracts';
import { Handles, Inbox } from '@govbus/messaging';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { Changes } from '../changes';
import { keepNewest } from '../database';
import { REGISTRY_CHANGED } from './principals';
import { DepartmentCopy, PrincipalCopy } from './registry.entities';

/** Keeps the copy of the departments. */
@Controller()
export class DepartmentConsumer {
  constructor(private readonly inbox: Inbox) {}

  @Handles(DepartmentRecord)
  apply(@Payload() message: unknown): Promise<void> {
    return this.inbox.process(DepartmentRecord, message, async ({ data }, tx) => {
      if (await keepNewest(DepartmentCopy, data, tx))
        await Changes.notify(REGISTRY_CHANGED, `department:${data.departmentCode}`, tx);
    });
  }
}

/** Keeps the copy of systems and officers. */
@Controller()
export class PrincipalConsumer {
  constructor(private readonly inbox: Inbox) {}

  @Handles(PrincipalRecord)
  apply(@Payload() message: unknown): Promise<void> {
    return this.inbox.process(PrincipalRecord, message, async ({ data }, tx) => {
      if (await keepNewest(PrincipalCopy, data, tx))
        await Changes.notify(REGISTRY_CHANGED, `principal:${data.principalId}`, tx);
    });
  }
}
