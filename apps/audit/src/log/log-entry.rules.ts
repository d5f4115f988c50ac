import { AuditEntry, type AuditEntryV1, Invalid, parseMessage } from '@govbus/contracts';
import canonicalize from 'canonicalize';

/** Most bytes of an entry: a bundle gives its length in 16 bits. Source: C2SP tlog-tiles. */
export const maxEntryBytes = 65_535;

/** An entry as the log keeps it: `body` is its canonical JSON (RFC 8785), the bytes that are hashed. */
export type LogEntry = { entry: AuditEntryV1; body: string };

/**
 * The entry in a message's bytes.
 *
 * Errors: `Invalid` `message.invalid`, saying why in words that hold nothing of the message.
 */
export function readEntry(value: Buffer | null): LogEntry {
  const { data } = parseMessage(AuditEntry, parsed(value));
  const body = canonicalize(JSON.parse(JSON.stringify(data, refuseUnstorable)));
  if (body === undefined) throw invalid('not an object');
  if (Buffer.byteLength(body) > maxEntryBytes) throw invalid(`larger than ${maxEntryBytes} bytes`);
  return { entry: { ...data, entryId: data.entryId.toLowerCase() }, body };
}

function parsed(value: Buffer | null): unknown {
  try {
    return JSON.parse(value?.toString() ?? 'null');
  } catch {
    throw invalid('not JSON');
  }
}

// PostgreSQL keeps no NUL, and JSON with half a character has no canonical form.
function refuseUnstorable(_key: string, value: unknown): unknown {
  if (typeof value === 'string' && /\0|\p{Surrogate}/u.test(value)) throw invalid('text that cannot be kept');
  return value;
}

const invalid = (reason: string): Invalid => new Invalid('message.invalid', reason);

/**
 * Which of the entries are new, given the bodies that the log holds under their ids: what is there already is passed
 * over, and what claims the id of another entry is given back, so that neither hides the other.
 */
export function sortOut<T extends LogEntry>(
  read: readonly T[],
  known: ReadonlyMap<string, string>,
): { fresh: T[]; conflicting: T[] } {
  const bodies = new Map(known);
  const [fresh, conflicting]: [T[], T[]] = [[], []];
  for (const one of read) {
    const body = bodies.get(one.entry.entryId);
    if (body === undefined) {
      bodies.set(one.entry.entryId, one.body);
      fresh.push(one);
    } else if (body !== one.body) conflicting.push(one);
  }
  return { fresh, conflicting };
}
