import type { LoggerService } from '@nestjs/common';
import pino from 'pino';

/** Structured logs on stdout: fields first, a short constant message second; no payloads, no tokens, no secrets. */
export type Logger = pino.Logger;
/** Injection token of the service's logger. */
export const LOGGER = Symbol('LOGGER');

/** The logger of one service. Authorisation headers are cut wherever they turn up. */
export function createLogger(service: string, level: string): Logger {
  return pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: ['req.headers.authorization', 'headers.authorization', '*.authorization'], remove: true },
    serializers: { err: safeError },
  });
}

// Driver errors carry the values of rows and parameters in `detail`, `where` and `parameters`: none of them is logged.
function safeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: 'not an error' };
  const { code, constraint, table } = error as { code?: unknown; constraint?: unknown; table?: unknown };
  const cause = error.cause instanceof Error ? { message: error.cause.message } : undefined;
  return { type: error.name, message: error.message, code, constraint, table, stack: error.stack, cause };
}

/** Nest's own messages as structured logs. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}
  log(message: unknown, context?: string): void {
    this.logger.debug({ context }, String(message));
  }
  error(message: unknown, stack?: string, context?: string): void {
    this.logger.error({ context, stack }, String(message));
  }
  warn(message: unknown, context?: string): void {
    this.logger.warn({ context }, String(message));
  }
  debug(message: unknown, context?: string): void {
    this.logger.debug({ context }, String(message));
  }
}

/** The log function that `messaging` takes. */
export const logFunction =
  (logger: Logger) =>
  (level: 'info' | 'warn' | 'error', fields: object, message: string): void =>
    logger[level](fields, message);
