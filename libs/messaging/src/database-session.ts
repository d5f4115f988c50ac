import type { ClientConfig } from 'pg';

/**
 * What each session asks of PostgreSQL, as the `options` of a connection: locks of a client whose machine or network is
 * gone are free after some twenty seconds, not when the kernel gives up, which takes a quarter of an hour to two hours.
 *
 * Source: PostgreSQL, "Connections and Authentication" and "Client Connection Defaults".
 */
export const sessionOptions = [
  ...['tcp_keepalives_idle=10', 'tcp_keepalives_interval=3', 'tcp_keepalives_count=3', 'tcp_user_timeout=15000'],
  // No transaction of ours waits so long for anything but the database.
  'idle_in_transaction_session_timeout=60000',
  // A day without an offset is one of UTC here as elsewhere, whatever the database is set to.
  'timezone=UTC',
]
  .map((setting) => `-c ${setting}`)
  .join(' ');

/**
 * A connection beside the pool, on which a database that is silent for so many milliseconds counts as gone: a network that
 * drops packets ends no connection.
 */
export const ownSession = (databaseUrl: string, silentMs: number): ClientConfig => ({
  connectionString: databaseUrl,
  options: sessionOptions,
  connectionTimeoutMillis: silentMs,
  query_timeout: silentMs,
});
