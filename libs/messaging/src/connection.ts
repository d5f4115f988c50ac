// First: kafkajs must not have loaded what is replaced.
import './kafkajs-patch';
import { Kafka, logLevel } from 'kafkajs';
import { securityOf } from './security';

/** How long one call waits for a broker, in ms, and how often it is tried again. */
export type Patience = { requestTimeoutMs?: number; retries?: number };

/** One client of the cluster; kafkajs stays quiet, its errors reach whoever waits for the call. */
export const kafkaOf = (
  brokers: string[],
  clientId: string,
  { requestTimeoutMs = 15_000, retries = 8 }: Patience = {},
): Kafka =>
  new Kafka({
    brokers,
    clientId,
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3_000,
    requestTimeout: requestTimeoutMs,
    retry: { initialRetryTime: 200, maxRetryTime: 5_000, retries },
    ...securityOf(),
  });

/**
 * How soon a member of a group that died is missed, in ms: until then nobody reads its partitions. Longer than any pause
 * between two heartbeats.
 */
export const memberTimes = { sessionTimeout: 6_000, heartbeatInterval: 1_500 };

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
