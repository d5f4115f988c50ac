import { parseVerifierKey } from '@govbus/tlog';
import { CliError, UsageError } from '../cli-error';
import type { Connection } from '../connection';

/**
 * The key to trust: the one given, else that of the connection file. Never one that the audit service names: whoever
 * rewrites the log could name his own.
 *
 * Errors: `UsageError` when the given one is no verifier key, `CliError` when none is known.
 */
export function logKeyOf(given: string | undefined, { logKey, file }: Pick<Connection, 'logKey' | 'file'>): string {
  const key = given ?? logKey;
  if (key === undefined)
    throw new CliError(
      `${file} names no key of the audit log`,
      'give it with --key, or let `npm start` write it there',
    );
  try {
    parseVerifierKey(key);
    return key;
  } catch {
    if (given !== undefined) throw new UsageError('--key is no verifier key', 'it reads <name>+<id>+<key>');
    throw new CliError(`\`logKey\` in ${file} is no verifier key`, 'let `npm start` write it anew');
  }
}
