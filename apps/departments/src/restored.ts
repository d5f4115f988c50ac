// The registry after its database was restored, by the operator: docs/how-to/run-on-your-own-servers.md.
import { startRestore } from '@govbus/platform';
import { AppConfig } from './app.config';
import { registryNouns } from './restored/registry-nouns';
import { RestoredModule } from './restored/restored.module';

void startRestore(RestoredModule, AppConfig, 'departments.registry', registryNouns);
