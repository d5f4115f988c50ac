import { createPrivateKey, createSecretKey, type KeyObject } from 'node:crypto';
import { ConfigError, readKeyFile, readSecretFile, subjectHash } from '@govbus/platform';
import { type Checkpoint, signCheckpoint, verifierKey } from '@govbus/tlog';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../app.config';

/** The key that signs the log and the key under which data subjects are hashed. */
@Injectable()
export class LogKeys {
  readonly origin: string;
  private readonly signingKey: KeyObject;
  private readonly subjectKey: KeyObject;

  constructor(config: AppConfig) {
    this.origin = config.AUDIT_ORIGIN;
    this.signingKey = signingKeyIn(readSecretFile('AUDIT_SIGNING_KEY_FILE', config.AUDIT_SIGNING_KEY_FILE));
    this.subjectKey = createSecretKey(readKeyFile('SUBJECT_KEY_FILE', config.SUBJECT_KEY_FILE));
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
    return subjectHash(this.subjectKey, datasetId, subject);
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
