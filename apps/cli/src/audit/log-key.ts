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
  if (given !== undefined) return givenKey(given);
  if (logKey === undefined)
    throw new CliError(
      `${file} names no key of the audit log`,
      'give it with --key, or let `npm start` write it there',
    );
  if (!isVerifierKey(logKey))
    throw new CliError(`\`logKey\` in ${file} is no verifier key`, 'let `npm start` write it anew');
  return logKey;
}

/** The key given by hand. Errors: `UsageError` when it is no verifier key. */
export function givenKey(key: string): string {
  if (!isVerifierKey(key)) throw new UsageError('--key is no verifier key', 'it reads <name>+<id>+<key>');
  return key;
}

function isVerifierKey(key: string): boolean {
  try {
    parseVerifierKey(key);
    return true;
  } catch {
    return false;
  }
}
