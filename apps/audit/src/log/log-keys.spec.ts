import 'reflect-metadata';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@govbus/platform';
import { merkleRoot, verifyCheckpoint } from '@govbus/tlog';
import { AppConfig } from '../app.config';
import { LogKeys } from './log-keys';

const dir = mkdtempSync(join(tmpdir(), 'govbus-log-keys-'));
afterAll(() => rmSync(dir, { recursive: true }));

let files = 0;
const fileOf = (content: string | Buffer): string => {
  const path = join(dir, String(files++));
  writeFileSync(path, content);
  return path;
};
const pem = (type: 'ed25519' | 'x25519') =>
  (type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519')).privateKey.export({
    format: 'pem',
    type: 'pkcs8',
  });
const secret = Buffer.alloc(32, 7);
const keys = (signing: string | Buffer = pem('ed25519'), subject = secret.toString('base64')) =>
  new LogKeys(
    Object.assign(new AppConfig(), {
      AUDIT_ORIGIN: 'audit.test/govbus',
      AUDIT_SIGNING_KEY_FILE: fileOf(signing),
      SUBJECT_KEY_FILE: fileOf(subject),
    }),
  );

describe('LogKeys', () => {
  it('signs checkpoints that its verifier key, and no other, takes', () => {
    const [own, other] = [keys(), keys()];
    const note = own.sign({ size: 3, root: merkleRoot([]) });
    expect(verifyCheckpoint(note, own.verifierKey)).toMatchObject({ origin: 'audit.test/govbus', size: 3 });
    expect(() => verifyCheckpoint(note, other.verifierKey)).toThrow('not signed by this key');
  });

  it('names a data subject as the exchange does, each dataset for itself', () => {
    const expected = createHmac('sha256', secret).update('patients|4711').digest('base64url').slice(0, 22);
    expect(keys().subjectOf('patients', '4711')).toBe(expected);
    expect(keys().subjectOf('animals', '4711')).not.toBe(expected);
  });

  it.each([
    ['a signing key of another kind', () => keys(pem('x25519')), 'AUDIT_SIGNING_KEY_FILE'],
    ['a signing key that is none', () => keys('planted-4711'), 'AUDIT_SIGNING_KEY_FILE'],
    ['a short subject key', () => keys(undefined, Buffer.from('planted-4711').toString('base64')), 'SUBJECT_KEY_FILE'],
    ['an empty subject key', () => keys(undefined, ' '), 'SUBJECT_KEY_FILE'],
  ])('refuses %s without telling what it read', (_, make, setting) => {
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(setting);
    expect(make).not.toThrow('4711');
  });
});
