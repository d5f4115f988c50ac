import { type Checkpoint, parseVerifierKey } from '@govbus/tlog';
import type { Command } from 'commander';
import { CliError } from '../cli-error';
import type { Client } from '../client';
import type { Io } from '../io';
import { Progress } from '../progress';
import { sessionOf } from '../session';
import { logKeyOf } from './log-key';
import { RememberedLog } from './remembered-log';
import { type Fetch, LogFault, type Verified, verifyAuditLog } from './verify-log';

type Options = { as: string; key?: string; json?: boolean };

export function addVerify(audit: Command, io: Io): void {
  audit
    .command('verify')
    .summary('recompute the whole log')
    .description(
      'Fetches every entry and recomputes the whole log, trusting a public key alone: --key, or the one in the ' +
        'connection file, which `npm start` derives from the key that it made. What was verified is remembered beside ' +
        'the connection file, and the next run proves that the log has only grown. Exits 1 at the first difference.',
    )
    .option('--as <officer>', 'the officer who reads the entries', 'auditor')
    .option('--key <key>', 'the verifier key to trust, <name>+<id>+<key>')
    .option('--json', 'the finding as JSON')
    .addHelpText('after', '\nExample:\n  govbus audit verify')
    .action((options: Options, command: Command) => verify(options, command, io));
}

async function verify({ as, key, json }: Options, command: Command, io: Io): Promise<void> {
  const { client, connection } = sessionOf(command, io);
  const vkey = logKeyOf(key, connection);
  const memory = new RememberedLog(connection);
  const remembered = memory.of(vkey);
  const progress = new Progress(io, 'verifying');
  try {
    const verified = await verifyAuditLog({
      fetch: fetcher(client, connection.urls.audit, as),
      vkey,
      ...(remembered && { remembered }),
      onProgress: (done, of) => progress.update(done, of, `${done} of ${of} entries`),
    });
    memory.keep(vkey, verified.checkpoint);
    progress.stop();
    await io.out(json ? `${JSON.stringify(jsonOf(verified, vkey))}\n` : textOf(verified, vkey));
  } catch (error) {
    throw error instanceof LogFault ? explained(error) : error;
  } finally {
    progress.stop();
  }
}

export const explained = (fault: LogFault): CliError =>
  new CliError(
    `the audit log does not hold: ${fault.message}`,
    'keep the database as it is and tell those who supervise the system',
    { cause: fault },
  );

function fetcher(client: Client, audit: string, as: string): Fetch {
  return async (path) => {
    // Hashes are for everybody; the entries are for auditors.
    const { status, content } = await client.bytes(
      `${audit}/${path}`,
      path.startsWith('tile/entries/') ? as : undefined,
    );
    if (status === 404) return undefined;
    if (status === 401 || status === 403)
      throw new CliError(
        `\`${as}\` may not read the entries of the log`,
        'use --as with an officer who has `audit:read`',
      );
    if (status >= 300)
      throw new CliError(`the log answers ${status} for ${path}`, 'try again, and see `govbus status`');
    return content;
  };
}

const signerOf = (vkey: string): string => {
  const { name, keyId } = parseVerifierKey(vkey);
  return `${name}+${keyId.toString('hex')}`;
};
const rootOf = ({ root }: Checkpoint): string => root.toString('base64');

const jsonOf = ({ checkpoint, actions, grewFrom }: Verified, vkey: string): object => ({
  size: checkpoint.size,
  root: rootOf(checkpoint),
  signer: signerOf(vkey),
  actions,
  grewFrom,
});

function textOf({ checkpoint, actions, grewFrom }: Verified, vkey: string): string {
  const lines = [
    'the audit log holds: every entry is as it was written, and none is missing',
    `size    ${checkpoint.size}`,
    `root    ${rootOf(checkpoint)}`,
    `signer  ${signerOf(vkey)}`,
    grewFrom
      ? `grew    from the ${grewFrom.size} entries verified at ${grewFrom.at}`
      : 'grew    nothing was verified here before',
    ...Object.entries(actions)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([action, count]) => `  ${action.padEnd(12)}${count}`),
  ];
  return `${lines.join('\n')}\n`;
}
