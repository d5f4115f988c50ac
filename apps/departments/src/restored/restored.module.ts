import { PlatformModule, RestoredRegistry } from '@govbus/platform';
import { Module } from '@nestjs/common';
import { AppConfig } from '../app.config';
import { entities, migrations } from '../data-source';
import { PrincipalsModule } from '../principals/principals.module';

/** departments as far as its restore needs it: nothing listens, nothing is sent, nobody is bootstrapped. */
@Module({
  imports: [
    PlatformModule.register({ service: 'departments', config: AppConfig, entities, migrations, registry: false }),
    // The token verifier asks it who is active.
    PrincipalsModule,
  ],
  providers: [RestoredRegistry],
})
export class RestoredModule {}
