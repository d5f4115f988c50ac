import { ServiceConfig } from '@govbus/platform';

/** Settings of data-catalog: those of every service. */
export class AppConfig extends ServiceConfig {}
