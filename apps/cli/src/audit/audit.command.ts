import type { Command } from 'commander';
import type { Io } from '../io';
import { addProof } from './proof.command';
import { addSearch } from './search.command';
import { addVerify } from './verify.command';

export function addAudit(program: Command, io: Io): void {
  const audit = program
    .command('audit')
    .summary('search the audit log, verify it, prove an entry')
    .description(
      'The record of every access. It proves itself: `verify` and `proof` trust a public key, not the service.',
    );
  addSearch(audit, io);
  addVerify(audit, io);
  addProof(audit, io);
}
