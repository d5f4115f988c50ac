import type { Command } from 'commander';
import { refusal } from '../client';
import type { Io } from '../io';
import { uuid } from '../options';
import { sessionOf } from '../session';
import { logKeyOf } from './log-key';
import { explained } from './verify.command';
import { LogFault } from './verify-log';
import { type InclusionProof, verifyEntryProof } from './verify-proof';

type Options = { as: string; key?: string; json?: boolean };

export function addProof(audit: Command, io: Io): void {
  audit
    .command('proof')
    .summary('prove that an entry is in the log')
    .description(
      'Fetches the proof of one entry, verifies it here, and prints it for whoever wants to verify it again.',
    )
    .argument('<entry>', 'the id of the entry', uuid)
    .option('--as <officer>', 'the officer who asks', 'auditor')
    .option('--key <key>', 'the verifier key to trust, <name>+<id>+<key>')
    .option('--json', 'the proof as JSON, as the audit service gave it')
    .addHelpText('after', '\nExample:\n  govbus audit proof 0b1f6f0e-8c52-4d5e-9c35-3f1d1f7d2a11')
    .action((entryId: string, options: Options, command: Command) => prove(entryId, options, command, io));
}

async function prove(entryId: string, { as, key, json }: Options, command: Command, io: Io): Promise<void> {
  const { client, connection } = sessionOf(command, io);
  const vkey = logKeyOf(key, connection);
  const url = `${connection.urls.audit}/v1/entries/${entryId}/proof`;
  const answer = await client.call<InclusionProof>(as, 'GET', url);
  if (answer.status >= 300) throw refusal('there is no proof', answer);
  const proof = answer.body;
  try {
    verifyEntryProof(entryId, proof, vkey);
  } catch (error) {
    throw error instanceof LogFault ? explained(error) : error;
  }
  await io.out(json ? `${JSON.stringify(proof)}\n` : textOf(proof));
}

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
