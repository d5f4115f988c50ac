import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** What a log commits to: its name, how many entries, and their root. */
export type Checkpoint = { origin: string; size: number; root: Buffer };
type Verifier = { name: string; keyId: Buffer; publicKey: KeyObject };

const ed25519 = Buffer.from([1]);
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');

function rawKeyOf(key: KeyObject): Buffer {
  const spki = createPublicKey({
    key: key.export({ format: 'pem', type: key.type === 'private' ? 'pkcs8' : 'spki' }),
    format: 'pem',
  });
  return spki.export({ format: 'der', type: 'spki' }).subarray(spkiPrefix.length);
}
const keyIdOf = (name: string, raw: Buffer): Buffer =>
  createHash('sha256').update(`${name}\n`).update(ed25519).update(raw).digest().subarray(0, 4);

/**
 * Text of a verifier key, `<name>+<hex id>+<base64 key>`.
 *
 * Errors: throws on a name that is empty or holds white space or `+`. Source: C2SP signed-note.
 */
export function verifierKey(name: string, key: KeyObject): string {
  if (!/^[^+\s]+$/.test(name)) throw new Error('the name of a key must not be empty or hold white space or +');
  const raw = rawKeyOf(key);
  return `${name}+${keyIdOf(name, raw).toString('hex')}+${Buffer.concat([ed25519, raw]).toString('base64')}`;
}

/** The key in the text of a verifier key. Errors: throws when it is none for Ed25519. */
export function parseVerifierKey(text: string): Verifier {
  const [, name = '', id = '', key = ''] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text.trim()) ?? [];
  const bytes = fromBase64(key) ?? Buffer.alloc(0);
  const raw = bytes.subarray(1);
  if (bytes.length !== 33 || bytes[0] !== 1 || keyIdOf(name, raw).toString('hex') !== id)
    throw new Error('not a verifier key: expected <name>+<id>+<key>');
  const publicKey = createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: 'der', type: 'spki' });
  return { name, keyId: Buffer.from(id, 'hex'), publicKey };
}

/** The text that is signed. Source: C2SP tlog-checkpoint. */
export const formatCheckpoint = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${root.toString('base64')}\n`;

/** The checkpoint as a signed note. Source: C2SP signed-note. */
export function signCheckpoint(checkpoint: Checkpoint, key: KeyObject): string {
  const text = formatCheckpoint(checkpoint);
  const signature = Buffer.concat([keyIdOf(checkpoint.origin, rawKeyOf(key)), sign(null, Buffer.from(text), key)]);
  return `${text}\n\u2014 ${checkpoint.origin} ${signature.toString('base64')}\n`;
}

/**
 * The text of a signed note that this key signed, with its last line break.
 *
 * Shape: the last blank line divides text and signatures, any number of them; those of other keys are passed over.
 * Errors: throws when the note is malformed, when a signature of this key fails, or when it did not sign.
 * Source: C2SP signed-note.
 */
export function verifyNote(note: string, vkey: string): string {
  const { name, keyId, publicKey } = parseVerifierKey(vkey);
  const end = note.lastIndexOf('\n\n');
  const isText = [...note].every((character) => character >= ' ' || character === '\n');
  if (end < 0 || !note.endsWith('\n') || !isText) throw new Error('not a signed note');
  const text = note.slice(0, end + 1);
  let isSigned = false;
  for (const line of note.slice(end + 2, -1).split('\n')) {
    const { signer, id, signature } = parseSignature(line);
    if (signer !== name || !id.equals(keyId)) continue;
    if (!verify(null, Buffer.from(text), publicKey, signature)) throw new Error('a signature of this key is wrong');
    isSigned = true;
  }
  if (!isSigned) throw new Error('the note is not signed by this key');
  return text;
}

function parseSignature(line: string): { signer: string; id: Buffer; signature: Buffer } {
  const [, signer, encoded = ''] = /^\u2014 ([^\s+]+) (\S+)$/u.exec(line) ?? [];
  const bytes = fromBase64(encoded);
  if (signer === undefined || !bytes || bytes.length < 5) throw new Error('not a signed note');
  return { signer, id: bytes.subarray(0, 4), signature: bytes.subarray(4) };
}

// Buffer takes almost anything for base64; a hash or a key has one spelling only.
function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

/**
 * The checkpoint in a note that this key signed; extension lines behind the root are accepted.
 *
 * Errors: throws as `verifyNote`, and when the text is no checkpoint of the log with the key's name.
 * Source: C2SP tlog-checkpoint.
 */
export function verifyCheckpoint(note: string, vkey: string): Checkpoint {
  const [origin = '', size = '', encoded = '', ...rest] = verifyNote(note, vkey).split('\n');
  const root = fromBase64(encoded);
  const isNumber = /^(0|[1-9]\d*)$/.test(size) && Number.isSafeInteger(Number(size));
  // The last of the rest is what follows the last line break: nothing.
  const isWhole = rest.length > 0 && rest.slice(0, -1).every((line) => line !== '');
  if (origin !== parseVerifierKey(vkey).name || !isNumber || root?.length !== 32 || !isWhole)
    throw new Error('the signed text is not a checkpoint of this log');
  return { origin, size: Number(size), root };
}
