// The catalog after its database was restored, by the operator: docs/how-to/run-on-your-own-servers.md.
import { startRestore } from '@govbus/platform';
import { AppConfig } from './app.config';
import { catalogNouns } from './restored/catalog-nouns';
import { RestoredModule } from './restored/restored.module';

void startRestore(RestoredModule, AppConfig, 'catalog.registry', () => catalogNouns);
