import { Command, CommanderError } from 'commander';
import { addAudit } from './audit/audit.command';
import { CliError, messageOf } from './cli-error';
import { type Io, OutputClosed } from './io';
import { addPublish } from './publish/publish.command';
import { addStatus } from './status.command';
import { addSubscriptions } from './subscriptions/subscriptions.command';
import { addToken } from './token.command';

const usageCode = 2;

/** Runs one command line. Answers the exit code: 0 good, 1 failed, 2 wrong usage, 3 some rows were refused. */
export async function run(argv: string[], io: Io): Promise<number> {
  let code = 0;
  const help: string[] = [];
  const program = newProgram(io, help, (exit) => (code = exit));
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof OutputClosed) return 0;
    if (error instanceof CommanderError) await io.out(help.join('')).catch(() => undefined);
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageCode;
    io.err.write(`govbus: ${lineOf(error)}\n`);
    return error instanceof CliError ? error.exitCode : 1;
  }
}

const lineOf = (error: unknown): string => messageOf(error).replace(/\s*\n\s*/g, ' ');

const usageOf = (text: string): string =>
  text
    .replace(/^error: /, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\.$/, '');

function newProgram(io: Io, help: string[], done: (code: number) => void): Command {
  const program = new Command('govbus')
    .description('The command line of govbus, the bus over which departments share data under agreements.')
    .option(
      '--connection <file>',
      'where the services are and the secrets; else GOVBUS_CONNECTION, else what `npm start` wrote',
    )
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => help.push(text),
      writeErr: (text) => io.err.write(text),
      outputError: (text, write) => write(`govbus: ${usageOf(text)}; --help shows how\n`),
    })
    .exitOverride((error) => {
      throw error;
    })
    .addHelpText('after', '\nExample:\n  govbus status\n  govbus publish --help');
  addStatus(program, io, done);
  addToken(program, io);
  addPublish(program, io, done);
  addSubscriptions(program, io);
  addAudit(program, io);
  return program;
}
