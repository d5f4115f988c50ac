// The keys and secrets of a deployment: made once, kept with mode 600 in a directory of mode 700.
import { createPrivateKey, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
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

const issuerKeysFile = 'issuer-keys.json';

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
    ISSUER_KEYS_FILE: file(issuerKeysFile, () => JSON.stringify({ keys: [ecKey()] })),
    BOOTSTRAP_ADMIN_SECRET_FILE: file('admin-secret', () => randomBytes(32).toString('base64url')),
    SUBJECT_KEY_FILE: file('subject-key', () => randomBytes(32).toString('base64')),
    PSEUDONYM_KEY_FILE: file('pseudonym-key', () => randomBytes(32).toString('base64')),
    AUDIT_SIGNING_KEY_FILE: file('audit-key.pem', ed25519Key),
    CASE_ROUTING_KEY_FILE: file('case-routing-key.json', () => JSON.stringify(ecKey())),
  };
  return {
    files,
    adminSecret: readFileSync(files.BOOTSTRAP_ADMIN_SECRET_FILE, 'utf8').trim(),
    caseRoutingKey: JSON.parse(readFileSync(files.CASE_ROUTING_KEY_FILE, 'utf8')) as Record<string, unknown>,
    logKey: verifierKey(auditOrigin, createPrivateKey(readFileSync(files.AUDIT_SIGNING_KEY_FILE, 'utf8'))),
  };
}

type IssuerKey = { kid?: string };
const issuerKeySteps = {
  add: (keys: IssuerKey[]) => [...keys, ecKey()],
  use: (keys: IssuerKey[]) => [...keys.slice(-1), ...keys.slice(0, -1)],
  drop: (keys: IssuerKey[]) => keys.slice(0, -1),
};
export type IssuerKeyStep = keyof typeof issuerKeySteps;
export const isIssuerKeyStep = (text: string | undefined): text is IssuerKeyStep =>
  text !== undefined && Object.hasOwn(issuerKeySteps, text);

/**
 * One step in changing the issuer's key in `dir`: `add` puts a new key last, `use` the last one first, so that it signs,
 * and `drop` takes the last one away.
 *
 * Shape: the ids of the keys as they now are.
 * Errors: whatever reading and writing the file throws, and an `Error` when no key would be left.
 */
export function changeIssuerKeys(dir: string, step: IssuerKeyStep): (string | undefined)[] {
  const path = join(dir, issuerKeysFile);
  const { keys } = JSON.parse(readFileSync(path, 'utf8')) as { keys: IssuerKey[] };
  const changed = issuerKeySteps[step](keys);
  if (changed.length === 0) throw new Error(`${path} has one key, and tokens need it`);
  // Never half a file, whoever reads it meanwhile.
  writeFileSync(`${path}.new`, JSON.stringify({ keys: changed }), { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return changed.map(({ kid }) => kid);
}

// Whoever has cached keys by their id takes a key of a new id for a new one.
const ecKey = (): { kid: string } => ({
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
  kid: randomUUID(),
});
const ed25519Key = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
