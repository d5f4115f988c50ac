import { setTimeout as pause } from 'node:timers/promises';
import { ownSession } from '@govbus/messaging';
import pg from 'pg';

/** Advisory lock of the process that takes cases in: one at a time of all that share the database. */
export const intakeLock = 7_030_231;

const beatMs = 1_000;
// Longer than a busy event loop needs.
const silentMs = 5_000;

/**
 * Runs `work` as the one process that takes cases in; does nothing while another one is at it.
 *
 * Shape: the lock lives as long as its one connection, and is given back when `work` has ended. The signal handed to
 * `work` is aborted by `stopping`, and when that connection has ended.
 * Errors: rejects when the database cannot be reached.
 */
export async function leadIntake(
  databaseUrl: string,
  stopping: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const client = new pg.Client({ ...ownSession(databaseUrl, silentMs), application_name: 'case-routing intake' });
  const lost = new AbortController();
  client.on('error', () => lost.abort());
  client.on('end', () => lost.abort());
  try {
    await client.connect();
    const { rows } = await client.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1) AS got', [intakeLock]);
    if (!rows[0]?.got) return;
    const signal = AbortSignal.any([stopping, lost.signal]);
    await Promise.all([work(signal), beat(client, signal, lost)]);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function beat(client: pg.Client, signal: AbortSignal, lost: AbortController): Promise<void> {
  while (!signal.aborted) {
    await client.query('SELECT 1').catch(() => lost.abort());
    await pause(beatMs, undefined, { signal }).catch(() => undefined);
  }
}
