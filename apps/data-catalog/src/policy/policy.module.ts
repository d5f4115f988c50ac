import { Decisions } from '@govbus/policy';
import { Global, Module } from '@nestjs/common';
import { CatalogDecisions } from './catalog-decisions';

/** Who may describe datasets and decide on agreements. */
@Global()
@Module({
  providers: [CatalogDecisions, { provide: Decisions, useFactory: () => new Decisions() }],
  exports: [CatalogDecisions],
})
export class PolicyModule {}
