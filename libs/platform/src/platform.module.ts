import { groupOf, Inbox, KafkaBatchServer, Outbox, ParkedMessages, Producer, Relay } from '@govbus/messaging';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { DataSource } from 'typeorm';
import { Announced } from './announced';
import { Audit } from './audit';
import { BearerGuard } from './auth/bearer.guard';
import { PRINCIPAL_STATUS, TokenVerifier } from './auth/token-verifier';
import { Changes } from './changes';
import { Clock, SharedClock } from './clock';
import { ServiceConfig } from './config';
import { type EntityClass, type MigrationClass, openDatabase } from './database';
import {
  CreateIdempotencyKeys1795000001000,
  IdempotencyKeys,
  IndexIdempotencyKeys1795000001001,
} from './http/idempotency-keys';
import { NextLink } from './http/paging';
import { ProblemFilter } from './http/problem.filter';
import { RequestValidation } from './http/validation.pipe';
import { createLogger, LOGGER, logFunction, type Logger } from './logger';
import { Metrics } from './metrics/metrics';
import { MetricsController } from './metrics/metrics.controller';
import { ServiceMetrics } from './metrics/service-metrics';
import { Principals } from './registry/principals';
import { DepartmentConsumer, PrincipalConsumer } from './registry/registry.consumers';
import { DepartmentCopy, PrincipalCopy, registryMigrations } from './registry/registry.entities';
import { HealthController } from './service/health.controller';
import { Lifecycle } from './service/lifecycle';
import { ParkedMessagesController } from './service/parked-messages.controller';
import { Purge } from './service/purge';
import { Readiness } from './service/readiness';
import { KafkaUse, ServiceName } from './service-name';

export type PlatformOptions = {
  service: string;
  config: new () => ServiceConfig;
  entities: EntityClass[];
  migrations: MigrationClass[];
  /** Whether the service keeps a copy of departments and principals: all but their owner. */
  registry: boolean;
};

/** What every service stands on; global. */
@Module({})
export class PlatformModule {
  static register({ service, config, entities, migrations, registry }: PlatformOptions): DynamicModule {
    const schema = {
      entities: [...entities, ...(registry ? [DepartmentCopy, PrincipalCopy] : [])],
      migrations: [
        CreateIdempotencyKeys1795000001000,
        IndexIdempotencyKeys1795000001001,
        ...(registry ? registryMigrations : []),
        ...migrations,
      ],
    };
    const providers = [
      { provide: Clock, useClass: SharedClock },
      Announced,
      Audit,
      Changes,
      IdempotencyKeys,
      Metrics,
      Readiness,
      TokenVerifier,
      { provide: ServiceName, useValue: new ServiceName(service) },
      { provide: config, useExisting: ServiceConfig },
      {
        provide: LOGGER,
        inject: [ServiceConfig],
        useFactory: ({ LOG_LEVEL }: ServiceConfig) => createLogger(service, LOG_LEVEL),
      },
      {
        provide: DataSource,
        inject: [ServiceConfig],
        useFactory: (settings: ServiceConfig) => openDatabase(service, settings, schema),
      },
      {
        provide: Producer,
        inject: [ServiceConfig],
        useFactory: ({ brokers }: ServiceConfig) => new Producer({ brokers, clientId: service }),
      },
      { provide: Outbox, inject: [Clock], useFactory: (clock: Clock) => new Outbox(service, () => clock.now()) },
      {
        provide: Inbox,
        inject: [DataSource, Clock],
        useFactory: (db: DataSource, clock: Clock) => new Inbox(db, service, () => clock.now()),
      },
      {
        provide: Relay,
        inject: [DataSource, Producer, LOGGER],
        useFactory: (dataSource: DataSource, producer: Producer, logger: Logger) =>
          new Relay({ dataSource, producer, log: logFunction(logger) }),
      },
      {
        provide: KafkaBatchServer,
        inject: [ServiceConfig, DataSource, Clock, LOGGER],
        useFactory: async ({ brokers }: ServiceConfig, dataSource: DataSource, clock: Clock, logger: Logger) =>
          new KafkaBatchServer({
            brokers,
            clientId: service,
            groupId: await groupOf(service, dataSource),
            dataSource,
            clock: () => clock.now(),
            log: logFunction(logger),
          }),
      },
      {
        provide: ParkedMessages,
        inject: [DataSource, Clock, KafkaBatchServer],
        useFactory: (db: DataSource, clock: Clock, server: KafkaBatchServer) =>
          new ParkedMessages(
            db,
            () => clock.now(),
            (value) => server.dispatch(value),
          ),
      },
      ...(registry ? [Principals, { provide: PRINCIPAL_STATUS, useExisting: Principals }] : []),
    ];
    return {
      module: PlatformModule,
      global: true,
      imports: [TerminusModule.forRoot({ errorLogStyle: 'json', logger: false })],
      controllers: [
        HealthController,
        MetricsController,
        ParkedMessagesController,
        ...(registry ? [DepartmentConsumer, PrincipalConsumer] : []),
      ],
      providers: [
        ...providers,
        Lifecycle,
        Purge,
        ServiceMetrics,
        { provide: APP_GUARD, useClass: BearerGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_INTERCEPTOR, useClass: NextLink },
        { provide: APP_PIPE, useClass: RequestValidation },
      ],
      exports: providers.map((provider) => ('provide' in provider ? provider.provide : provider)),
    };
  }
}

/** Hands the settings and the use of Kafka to everything below. */
@Module({})
export class SettingsModule {
  static of(config: ServiceConfig, kafka: boolean): DynamicModule {
    const providers = [
      { provide: ServiceConfig, useValue: config },
      { provide: KafkaUse, useValue: new KafkaUse(kafka) },
    ];
    return { module: SettingsModule, global: true, providers, exports: [ServiceConfig, KafkaUse] };
  }
}
