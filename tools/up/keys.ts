// The keys and secrets of a deployment: made once, kept with mode 600 in a directory of mode 700.
import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifierKey } from '@govbus/tlog';

export type Keys = {
  /** Settings of the services that name the files. */
  files: Record<string, string>;
  adminSecret: string;
  caseRoutingKey: Record<string, unknown>;
  /** Verifier key of the audit log, for whoever checks it. */
  logKey: string;
};

/** The keys in `dir`; those that are missing are made. `auditOrigin` is the log's name in its checkpoints. */
export function keysIn(dir: string, auditOrigin: string): Keys {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = (name: string, make: () => string): string => {
    const path = join(dir, name);
    if (!existsSync(path)) writeFileSync(path, make(), { mode: 0o600 });
    chmodSync(path, 0o600);
    return path;
  };
  const files = {
    ISSUER_KEYS_FILE: file('issuer-keys.json', () => JSON.stringify({ keys: [ecKey('first')] })),
    BOOTSTRAP_ADMIN_SECRET_FILE: file('admin-secret', () => randomBytes(32).toString('base64url')),
    SUBJECT_KEY_FILE: file('subject-key', () => randomBytes(32).toString('base64')),
    PSEUDONYM_KEY_FILE: file('pseudonym-key', () => randomBytes(32).toString('base64')),
    AUDIT_SIGNING_KEY_FILE: file('audit-key.pem', ed25519Key),
    CASE_ROUTING_KEY_FILE: file('case-routing-key.json', () => JSON.stringify(ecKey('case-routing'))),
  };
  return {
    files,
    adminSecret: readFileSync(files.BOOTSTRAP_ADMIN_SECRET_FILE, 'utf8').trim(),
    caseRoutingKey: JSON.parse(readFileSync(files.CASE_ROUTING_KEY_FILE, 'utf8')) as Record<string, unknown>,
    logKey: verifierKey(auditOrigin, createPrivateKey(readFileSync(files.AUDIT_SIGNING_KEY_FILE, 'utf8'))),
  };
}

const ecKey = (kid: string): object => ({
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
  kid,
});
const ed25519Key = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
