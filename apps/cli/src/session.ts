import type { Command } from 'commander';
import { Client } from './client';
import { type Connection, readConnection } from './connection';
import type { Io } from './io';

export type Session = { connection: Connection; client: Client };

/** The connection that a command was given, and a client of it. */
export function sessionOf(command: Command, io: Io): Session {
  const { connection: file } = command.optsWithGlobals<{ connection?: string }>();
  const connection = readConnection({ ...(file !== undefined && { file }), env: io.env, cwd: io.cwd });
  return { connection, client: Client.of(connection) };
}
