import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { parseVerifierKey, signCheckpoint, verifierKey, verifyCheckpoint, verifyNote } from './checkpoint';

// Source: the signed note of golang.org/x/mod/sumdb/note, checked.
const known = {
  vkey: 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
  text: 'This is an example message.\n',
  line: '— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=',
};
const origin = 'log.example/main';
const log = generateKeyPairSync('ed25519').privateKey;
const vkey = verifierKey(origin, log);
const root = Buffer.alloc(32, 9);
const body = `${origin}\n7\n${root.toString('base64')}\n`;

const lineOf = (name: string, key: KeyObject, text: string): string => {
  const { keyId } = parseVerifierKey(verifierKey(name, key));
  return `— ${name} ${Buffer.concat([keyId, sign(null, Buffer.from(text), key)]).toString('base64')}`;
};
const noteOf = (text: string, ...lines: string[]): string => `${text}\n${lines.join('\n')}\n`;
const signed = (text: string): string => noteOf(text, lineOf(origin, log, text));

describe('signed notes', () => {
  it('has the known answer', () => {
    expect(verifyNote(noteOf(known.text, known.line), known.vkey)).toBe(known.text);
  });

  it('takes the last blank line as the end of the text', () => {
    const text = 'one\n\ntwo\n\nthree\n';
    expect(verifyNote(signed(text), vkey)).toBe(text);
  });

  it('passes over 16 signatures of others, wherever they stand', () => {
    const others = Array.from({ length: 16 }, (_, i) =>
      lineOf(`witness-${i}.example`, generateKeyPairSync('ed25519').privateKey, body),
    );
    const own = lineOf(origin, log, body);
    for (const at of [0, 8, 16])
      expect(verifyNote(noteOf(body, ...others.slice(0, at), own, ...others.slice(at)), vkey)).toBe(body);
  });

  it('passes over the same name with another key, and longer signatures of another kind', () => {
    const stranger = lineOf(origin, generateKeyPairSync('ed25519').privateKey, body);
    const cosignature = `— witness.example ${Buffer.alloc(76, 4).toString('base64')}`;
    expect(verifyNote(noteOf(body, stranger, cosignature, lineOf(origin, log, body)), vkey)).toBe(body);
  });

  it('refuses a note in which the known key fails, although it also signed', () => {
    const [right, wrong] = [lineOf(origin, log, body), lineOf(origin, log, 'other\n')];
    for (const lines of [
      [right, wrong],
      [wrong, right],
    ])
      expect(() => verifyNote(noteOf(body, ...lines), vkey)).toThrow('is wrong');
  });

  it.each([
    ['nothing', ''],
    ['no signature', `${body}\n`],
    ['no blank line', body],
    ['only others', noteOf(body, lineOf('other.example', log, body))],
    ['no line break at the end', signed(body).slice(0, -1)],
    ['a hyphen for the dash', signed(body).replace('—', '-')],
    ['text behind the signature', `${signed(body)}more\n`],
    ['a control character', signed(`${body}\t\n`)],
    ['a carriage return', signed(body).replaceAll('\n', '\r\n')],
    ['base64 without padding', signed(body).replace(/=+\n$/, '\n')],
    ['two spaces', signed(body).replace(`${origin} `, `${origin}  `)],
  ])('refuses %s', (_, note) => expect(() => verifyNote(note, vkey)).toThrow());

  it.each([
    ['another id', known.vkey.replace('530d903a', '530d903b')],
    ['another kind', vkey.replace('+A', '+B')],
    ['a short key', known.vkey.slice(0, -4)],
    ['no name', known.vkey.slice('example.com/foo'.length)],
  ])('refuses a verifier key with %s', (_, text) => expect(() => parseVerifierKey(text)).toThrow('not a verifier key'));

  it.each(['', 'two words', 'a+b', 'a\n'])('makes no key named %j', (name) =>
    expect(() => verifierKey(name, log)).toThrow('the name of a key'),
  );
});

describe('checkpoints', () => {
  it('reads its own', () => {
    expect(verifyCheckpoint(signCheckpoint({ origin, size: 7, root }, log), vkey)).toEqual({ origin, size: 7, root });
  });

  it('accepts extension lines', () => {
    expect(verifyCheckpoint(signed(`${body}extension one\ntwo\n`), vkey)).toMatchObject({ size: 7 });
  });

  it.each([
    ['another log', body.replace(origin, 'other.example')],
    ['a leading zero', body.replace('\n7\n', '\n07\n')],
    ['a sign', body.replace('\n7\n', '\n+7\n')],
    ['no size', body.replace('\n7\n', '\n\n')],
    ['a size that is no safe integer', body.replace('\n7\n', `\n${2 ** 53}\n`)],
    ['a short root', body.replace(root.toString('base64'), Buffer.alloc(31).toString('base64'))],
    ['a root in other letters', body.replace(/=\n$/, '\n')],
    ['two lines only', `${origin}\n7\n`],
    ['an empty extension line', `${body}\nmore\n`],
  ])('refuses %s, although it is signed', (_, text) =>
    expect(() => verifyCheckpoint(signed(text), vkey)).toThrow('not a checkpoint'),
  );
});
