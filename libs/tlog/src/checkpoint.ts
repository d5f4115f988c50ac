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

/** Text of a verifier key, `<name>+<hex id>+<base64 key>`. Source: C2SP signed-note. */
export function verifierKey(name: string, key: KeyObject): string {
  const raw = rawKeyOf(key);
  return `${name}+${keyIdOf(name, raw).toString('hex')}+${Buffer.concat([ed25519, raw]).toString('base64')}`;
}

/** The key in the text of a verifier key. Errors: throws when it is none for Ed25519. */
export function parseVerifierKey(text: string): Verifier {
  const [, name = '', id = '', key = ''] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text.trim()) ?? [];
  const bytes = Buffer.from(key, 'base64');
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

/** The checkpoint in a note that this key signed. Errors: throws when it is not. */
export function verifyCheckpoint(note: string, vkey: string): Checkpoint {
  const { name, keyId, publicKey } = parseVerifierKey(vkey);
  const end = note.indexOf('\n\n');
  const text = note.slice(0, end + 1);
  const signatures = note.slice(end + 2).split('\n');
  const isSigned = signatures.some((line) => {
    const [, signer, encoded = ''] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? [];
    const bytes = Buffer.from(encoded, 'base64');
    if (signer !== name || !bytes.subarray(0, 4).equals(keyId)) return false;
    return verify(null, Buffer.from(text), publicKey, bytes.subarray(4));
  });
  const [origin = '', size = '', root = ''] = text.split('\n');
  if (end < 0 || !isSigned || origin !== name || !/^(0|[1-9]\d{0,15})$/.test(size))
    throw new Error('the checkpoint is not signed by this key');
  return { origin, size: Number(size), root: Buffer.from(root, 'base64') };
}
