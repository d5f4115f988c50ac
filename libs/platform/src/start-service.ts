import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { KafkaBatchServer, type KafkaSecurity, keepTraces, secureKafka } from '@govbus/messaging';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { HttpAdapterHost, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { endpointsFor } from './auth/issuer-endpoints';
import { ConfigError, loadConfig, readSecretFile, type ServiceConfig } from './config';
import { closeBehindAnswers } from './http/closing';
import { refuseOtherMethods } from './http/other-methods';
import { problemOf } from './http/problem';
import { hangUpOnStalled } from './http/stalled-answers';
import { refuseUnstorable } from './http/storable';
import { traceRequests } from './http/traced-requests';
import { answerUnreadable, answerUnusual } from './http/unreadable-requests';
import { type Logger, LOGGER, NestLogger } from './logger';
import { openApiOf } from './openapi';
import { SettingsModule } from './platform.module';

const defaultBodyLimit = 1024 * 1024;
const signals: ('SIGTERM' | 'SIGINT')[] = ['SIGTERM', 'SIGINT'];

function adapterOf(): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: defaultBodyLimit,
    requestTimeout: 30_000,
    forceCloseConnections: 'idle',
    clientErrorHandler: answerUnreadable,
    // Node would answer without a problem document; `answerUnusual` does it.
    http: { requireHostHeader: false },
    // The trace id that problems, logs and audit entries show: the caller's own, if it sends one (W3C Trace Context).
    genReqId: ({ headers }: IncomingMessage) =>
      /^00-(?!0{32})([0-9a-f]{32})-/.exec(String(headers.traceparent ?? ''))?.[1] ?? randomUUID().replaceAll('-', ''),
    // What the router itself refuses reaches no filter, and Fastify's own answer would repeat the address.
    frameworkErrors: (error: Error, { id }: { id: string }, { raw }: { raw: ServerResponse }): void => {
      const { status, body } = problemOf(error);
      raw
        .writeHead(status, { 'content-type': 'application/problem+json' })
        .end(JSON.stringify({ ...body, traceId: id }));
    },
  });
}

/** The module of a service; one with `forSettings` lets the settings say what belongs to it. */
export type RootModule<T extends ServiceConfig> = Type & { forSettings?: (config: T) => DynamicModule };

function rootOf<T extends ServiceConfig>(module: RootModule<T>, config: T, kafka: boolean): Type {
  @Module({ imports: [SettingsModule.of(config, kafka), module.forSettings?.(config) ?? module] })
  class Root {}
  return Root;
}

function kafkaSecurityOf(config: ServiceConfig): KafkaSecurity {
  const { KAFKA_TLS, KAFKA_CLIENT_ID: id, KAFKA_CLIENT_SECRET_FILE: file } = config;
  const tls = KAFKA_TLS === 'on';
  if (!id) return { tls };
  const secret = readSecretFile('KAFKA_CLIENT_SECRET_FILE', file);
  return { tls, client: { id, secret, tokenUrl: async () => (await endpointsFor(config)).tokenUrl } };
}

/**
 * The whole application on given settings, initialised and not listening.
 *
 * Shape: with `kafka: false` nothing is consumed and the outbox stays where it is, for specs that look at it.
 */
export async function createApp<T extends ServiceConfig>(
  module: RootModule<T>,
  config: T,
  { kafka = true }: { kafka?: boolean } = {},
): Promise<NestFastifyApplication> {
  secureKafka(kafkaSecurityOf(config));
  keepTraces();
  const app = await NestFactory.create<NestFastifyApplication>(rootOf(module, config, kafka), adapterOf(), {
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(new NestLogger(app.get<Logger>(LOGGER)));
  // Before the routes, so that they are before every one of them.
  const fastify = app.get(HttpAdapterHost).httpAdapter.getInstance<FastifyInstance>();
  traceRequests(fastify);
  answerUnusual(fastify);
  refuseOtherMethods(fastify);
  closeBehindAnswers(fastify);
  hangUpOnStalled(fastify);
  refuseUnstorable(fastify);
  if (kafka) app.connectMicroservice({ strategy: app.get(KafkaBatchServer) }, { inheritAppConfig: true });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  if (kafka) await app.startAllMicroservices();
  return app;
}

/**
 * Runs a service: settings, migrations, messages, HTTP. With `--openapi` it prints its OpenAPI document instead.
 *
 * On SIGTERM or SIGINT it is no longer ready, finishes what is on its way, and ends with 0; with 1 after `SHUTDOWN_SECONDS`.
 *
 * Errors: ends the process with 78 on wrong settings (`EX_CONFIG`), with 1 when it cannot start.
 */
export async function startService<T extends ServiceConfig>(module: RootModule<T>, Config: new () => T): Promise<void> {
  // V8 would let the heap grow to several times of what lives in it before it collects. At two fifths a process stays
  // below 300 MiB (bench `memory`); at one fifth it collects three times as often, for a quarter of its processor time
  // (bench `publish`).
  setFlagsFromString('--heap-growing-percent=40');
  try {
    if (process.argv.includes('--openapi')) return await printOpenApi(module, new Config());
    const config = loadConfig(Config);
    const app = await createApp(module, config);
    app.enableShutdownHooks(signals, { useProcessExit: true });
    for (const signal of signals)
      process.once(signal, () => endAfter(config.SHUTDOWN_SECONDS, app.get<Logger>(LOGGER)));
    await app.listen(config.PORT, config.HOST);
    app.get<Logger>(LOGGER).info({ host: config.HOST, port: config.PORT }, 'listening');
  } catch (error) {
    process.stderr.write(`${error instanceof ConfigError ? error.message : String((error as Error).stack)}\n`);
    process.exit(error instanceof ConfigError ? 78 : 1);
  }
}

// Whoever waits for this process may start the next one: what hangs must not hold that up. Nothing that was promised
// hangs on a clean end.
function endAfter(seconds: number, logger: Logger): void {
  setTimeout(() => {
    logger.error({ seconds }, 'ended before all was finished');
    process.exit(1);
  }, seconds * 1_000).unref();
}

async function printOpenApi<T extends ServiceConfig>(module: RootModule<T>, config: T): Promise<void> {
  const app = await NestFactory.create<NestFastifyApplication>(rootOf(module, config, false), adapterOf(), {
    preview: true,
    logger: false,
    abortOnError: false,
  });
  process.stdout.write(`${JSON.stringify(openApiOf(app), null, 2)}\n`);
}
