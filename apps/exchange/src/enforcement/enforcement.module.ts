import { Global, Module } from '@nestjs/common';
import { Limits } from './limits';
import { OverScope } from './over-scope';

/** What bounds every use of an agreement, whichever feature it comes through. */
@Global()
@Module({ providers: [Limits, OverScope], exports: [Limits, OverScope] })
export class EnforcementModule {}
