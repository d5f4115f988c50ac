import { Kafka, logLevel } from 'kafkajs';

/** One client of the cluster; kafkajs stays quiet, its errors reach whoever waits for the call. */
export const kafkaOf = (brokers: string[], clientId: string): Kafka =>
  new Kafka({
    brokers,
    clientId,
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3_000,
    requestTimeout: 15_000,
    retry: { initialRetryTime: 200, maxRetryTime: 5_000, retries: 8 },
  });

// SQLSTATE classes 08 (connection), 57P (shutdown), 53 (resources), 40 (retry), and what Node says of sockets.
const transientCodes = /^(08\w{3}|57P0\d|53\w{3}|40\w{3}|E[A-Z]{4,})$/;
const transientTexts = /Connection terminated|timeout exceeded when trying to connect|Driver not Connected/;

/** Whether an error says that the database or network is away: to be tried again, never the message's fault. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, kind } = error as { code?: unknown; kind?: unknown };
  if (kind === 'unavailable') return true;
  return (typeof code === 'string' && transientCodes.test(code)) || transientTexts.test(error.message);
}
