import { PlatformModule, RestoredRegistry } from '@govbus/platform';
import { Module } from '@nestjs/common';
import { AppConfig } from '../app.config';
import { entities, migrations } from '../data-source';

/** data-catalog as far as its restore needs it: nothing listens, nothing is sent. */
@Module({
  imports: [
    PlatformModule.register({ service: 'data-catalog', config: AppConfig, entities, migrations, registry: true }),
  ],
  providers: [RestoredRegistry],
})
export class RestoredModule {}
