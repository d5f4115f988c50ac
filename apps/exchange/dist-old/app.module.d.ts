import { type DynamicModule } from '@nestjs/common';
import { AppConfig } from './app.config';
export declare class AppModule {
    /** Routes and workers of the roles of this process; the others are not there. */
    static forSettings({ roles }: AppConfig): DynamicModule;
}
//# sourceMappingURL=app.module.d.ts.map