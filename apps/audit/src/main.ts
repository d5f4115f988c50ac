import { startService } from '@govbus/platform';
import { AppConfig } from './app.config';
import { AppModule } from './app.module';

void startService(AppModule, AppConfig);
