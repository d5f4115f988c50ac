import type { Command } from 'commander';
import type { Io } from './io';
import { sessionOf } from './session';

export function addToken(program: Command, io: Io): void {
  program
    .command('token')
    .summary('an access token of a system or an officer')
    .description('Prints an access token alone, for use in other commands. It ends after ten minutes.')
    .argument('<system>', 'client id of a system or an officer, as in the connection file')
    .addHelpText(
      'after',
      '\nExample:\n  curl -H "authorization: Bearer $(govbus token water-system)" http://127.0.0.1:7002/v1/agreements',
    )
    .action(async (system: string, _options: unknown, command: Command) => {
      const { client } = sessionOf(command, io);
      await io.out(`${await client.token(system)}\n`);
    });
}
