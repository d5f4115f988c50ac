// First: kafkajs must not have loaded what is replaced.
import './kafkajs-patch';
import { randomInt } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { securityOf } from './security';

/** How long one call waits for a broker, in ms, and how often it is tried again. */
export type Patience = { requestTimeoutMs?: number; retries?: number };

export const defaultRequestTimeoutMs = 15_000;

/** One client of the cluster; kafkajs stays quiet, its errors reach whoever waits for the call. */
export const kafkaOf = (
  brokers: string[],
  clientId: string,
  { requestTimeoutMs = defaultRequestTimeoutMs, retries = 8 }: Patience = {},
): Kafka =>
  new Kafka({
    // Any of them: a client that began with the first each time would never get past one that is frozen.
    brokers: () => {
      const at = randomInt(brokers.length);
      return [...brokers.slice(at), ...brokers.slice(0, at)];
    },
    clientId,
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3_000,
    requestTimeout: requestTimeoutMs,
    // All of it said: kafkajs has other defaults where NODE_ENV is `test`.
    retry: { initialRetryTime: 200, maxRetryTime: 5_000, retries, factor: 0.2, multiplier: 2 },
    ...securityOf(),
  });

/**
 * A member of a group.
 *
 * Shape: in ms, how soon one that died is missed, until when nobody reads its partitions; longer than any pause between two
 *   heartbeats. After a crash `ConsumerLoop` alone begins again: kafkajs would do so also while it is stopped or restarted,
 *   and two of it would read. What it knows of the leaders is never older than half a minute.
 */
export const memberOptions = {
  sessionTimeout: 6_000,
  heartbeatInterval: 1_500,
  metadataMaxAge: 30_000,
  retry: { retries: 5, restartOnFailure: () => Promise.resolve(false) },
};

// SQLSTATE classes 08 (connection), 57P (shutdown), 53 (resources), 40 (retry), and a server that only reads (failover).
const transientStates = /^(08\w{3}|57P0\d|53\w{3}|40\w{3}|25006)$/;
// What Node says of a peer that is away; not of files, whose codes look alike.
const networkCodes = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT'],
  ...['EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN', 'ENOTFOUND', 'EAI_AGAIN'],
]);
const transientTexts =
  /Connection terminated|is not queryable|timeout exceeded when trying to connect|Driver not Connected|already released/;

// SQLSTATE classes 22 (data exception) and 54 (a row or index entry that is too large).
const badDataStates = /^(22|54)\w{3}$/;

/** Whether an error says that the database or network is away: to be tried again, never the message's fault. */
export function isTransient(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, kind, message } = error as { code?: unknown; kind?: unknown; message?: unknown };
  if (kind === 'unavailable') return true;
  if (typeof code === 'string' && (transientStates.test(code) || networkCodes.has(code))) return true;
  return typeof message === 'string' && transientTexts.test(message);
}

/**
 * Whether an error says that the database will never take what it was given: it is the data's fault, and trying again is
 * no use. A duplicate (23505) is not: it is a race and heals by itself.
 */
export function isBadData(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && badDataStates.test(code);
}
