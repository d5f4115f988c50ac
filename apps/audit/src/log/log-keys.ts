import { createHmac, createPrivateKey, type KeyObject } from 'node:crypto';
import { ConfigError, readSecretFile } from '@govbus/platform';
import { type Checkpoint, signCheckpoint, verifierKey } from '@govbus/tlog';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../app.config';

/** The key that signs the log and the key under which data subjects are hashed. */
@Injectable()
export class LogKeys {
  readonly origin: string;
  private readonly signingKey: KeyObject;
  private readonly subjectKey: Buffer;

  constructor(config: AppConfig) {
    this.origin = config.AUDIT_ORIGIN;
    this.signingKey = signingKeyIn(readSecretFile('AUDIT_SIGNING_KEY_FILE', config.AUDIT_SIGNING_KEY_FILE));
    this.subjectKey = Buffer.from(readSecretFile('SUBJECT_KEY_FILE', config.SUBJECT_KEY_FILE), 'base64');
    if (this.subjectKey.length !== 32) throw new ConfigError(['SUBJECT_KEY_FILE must hold 32 bytes in base64']);
  }

  /** What a verifier needs, and nothing secret. */
  get verifierKey(): string {
    return verifierKey(this.origin, this.signingKey);
  }

  sign({ size, root }: Omit<Checkpoint, 'origin'>): string {
    return signCheckpoint({ origin: this.origin, size, root }, this.signingKey);
  }

  /** How entries name a data subject of a dataset; the exchange derives the same. */
  subjectOf(datasetId: string, subject: string): string {
    return createHmac('sha256', this.subjectKey).update(`${datasetId}|${subject}`).digest('base64url').slice(0, 22);
  }
}

function signingKeyIn(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Told below, without what the file holds.
  }
  throw new ConfigError(['AUDIT_SIGNING_KEY_FILE must hold an Ed25519 private key in PEM']);
}
