import { Decisions } from '@govbus/policy';
import { Global, Module } from '@nestjs/common';

/** The one policy engine of the process, shared by ingest and delivery. */
@Global()
@Module({ providers: [{ provide: Decisions, useFactory: () => new Decisions() }], exports: [Decisions] })
export class PolicyModule {}
