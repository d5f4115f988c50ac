import { resolve } from 'node:path';
import type { Command } from 'commander';
import { CliError, UsageError } from '../cli-error';
import { refusal } from '../client';
import type { Io } from '../io';
import { uuid } from '../options';
import { sessionOf } from '../session';
import { givenKey, logKeyOf } from './log-key';
import { readProofFile } from './proof-file';
import { explained } from './verify.command';
import { LogFault } from './verify-log';
import { type InclusionProof, verifyEntryProof } from './verify-proof';

type Options = { as: string; key?: string; file?: string; json?: boolean };
/** A proof, the entry that it must be about, and the key to trust. */
type Claim = { entryId: string; proof: InclusionProof; vkey: string };

export function addProof(audit: Command, io: Io): void {
  audit
    .command('proof')
    .summary('prove that an entry is in the log')
    .description(
      'Fetches the proof of one entry, verifies it here, and prints it for whoever wants to verify it again. With --file ' +
        'it verifies a proof that was saved with --json: that needs the key, and no network, token or connection file.',
    )
    .argument('[entry]', 'the id of the entry; with --file, the one that the proof must be about', uuid)
    .option('--as <officer>', 'the officer who asks', 'auditor')
    .option('--key <key>', 'the verifier key to trust, <name>+<id>+<key>')
    .option('--file <proof>', 'a saved proof; needs --key')
    .option('--json', 'the proof as JSON, as the audit service gave it')
    .addHelpText(
      'after',
      '\nExample: save a proof, and verify it where nothing is known but the key\n' +
        '  govbus audit proof 0b1f6f0e-8c52-4d5e-9c35-3f1d1f7d2a11 --json > proof.json\n' +
        "  govbus audit proof --file proof.json --key 'audit.example.org/govbus+3c823720+Ab4x…'",
    )
    .action((entryId: string | undefined, options: Options, command: Command) => prove(entryId, options, command, io));
}

async function prove(entryId: string | undefined, options: Options, command: Command, io: Io): Promise<void> {
  const { file, json } = options;
  const claim =
    file === undefined ? await fetched(entryId, options, command, io) : saved(entryId, file, options.key, io);
  const { proof } = claim;
  try {
    verifyEntryProof(claim.entryId, proof, claim.vkey);
  } catch (error) {
    if (!(error instanceof LogFault)) throw error;
    throw file === undefined ? explained(error) : disproved(file, error);
  }
  await io.out(json ? `${JSON.stringify(proof)}\n` : textOf(proof));
}

async function fetched(entryId: string | undefined, { as, key }: Options, command: Command, io: Io): Promise<Claim> {
  if (entryId === undefined) throw new UsageError('no entry is named', 'give its id, or a saved proof with --file');
  const { client, connection } = sessionOf(command, io);
  const vkey = logKeyOf(key, connection);
  const url = `${connection.urls.audit}/v1/entries/${entryId}/proof`;
  const answer = await client.call<InclusionProof>(as, 'GET', url);
  if (answer.status >= 300) throw refusal('there is no proof', answer);
  return { entryId, proof: answer.body, vkey };
}

function saved(entryId: string | undefined, file: string, key: string | undefined, io: Io): Claim {
  if (key === undefined) throw new UsageError('--file needs --key', 'get the key from the people who run the log');
  const vkey = givenKey(key);
  const proof = readProofFile(resolve(io.cwd, file));
  return { entryId: entryId ?? proof.entryId, proof, vkey };
}

const disproved = (file: string, fault: LogFault): CliError =>
  new CliError(
    `the proof in ${file} does not hold: ${fault.message}`,
    'it proves nothing: ask whoever gave it for another one',
    { cause: fault },
  );

const textOf = ({ index, treeSize, leafHash, hashes, checkpoint, entry }: InclusionProof): string =>
  [
    `the entry is in the log: number ${index} of ${treeSize}`,
    `entry  ${entry}`,
    `leaf   ${leafHash}`,
    ...hashes.map((hash, i) => `${i === 0 ? 'path ' : '     '}  ${hash}`),
    'checkpoint',
    ...checkpoint
      .trimEnd()
      .split('\n')
      .map((line) => `  ${line}`.trimEnd()),
    '',
  ].join('\n');
