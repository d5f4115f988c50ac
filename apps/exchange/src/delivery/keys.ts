import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { Invalid } from '@govbus/contracts';
import { readKeyFile, subjectHash } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { AppConfig } from '../app.config';

/** Tells whether a subscription was moved: `replays` that it went back, `version` that anything was done to it. */
export type Moves = { replays: number; version: number };

/** The deployment's keys and what is derived from them (HKDF-SHA-256, one label for each use). */
@Injectable()
export class Keys {
  // Key objects: an HMAC whose key is a buffer costs five times as much (bench `pull`).
  private readonly subjectKey: KeyObject;
  private readonly cursorKey: KeyObject;
  private readonly recordKey: KeyObject;
  private readonly root: Buffer;
  // One consumer after the other is shown the same people: computing it anew was 6 % of the time (bench `pull`).
  private readonly subjects = new LRUCache<string, string>({ max: 20_000 });

  constructor(config: AppConfig) {
    this.subjectKey = createSecretKey(readKeyFile('SUBJECT_KEY_FILE', config.SUBJECT_KEY_FILE));
    this.root = readKeyFile('PSEUDONYM_KEY_FILE', config.PSEUDONYM_KEY_FILE);
    this.cursorKey = createSecretKey(this.derive('cursors'));
    this.recordKey = createSecretKey(this.derive('record-keys'));
  }

  /** How an audit entry names a data subject: the same person of a dataset is always the same key. */
  subjectOf(datasetId: string, subject: string): string {
    const about = `${datasetId}|${subject}`;
    const known = this.subjects.get(about);
    if (known !== undefined) return known;
    const key = subjectHash(this.subjectKey, datasetId, subject);
    this.subjects.set(about, key);
    return key;
  }

  /** Pseudonyms are stable within an agreement and unrelated between agreements. */
  pseudonymKeyOf(agreementId: string): Buffer {
    return this.derive(`pseudonym:${agreementId}`);
  }

  /** Stands for the key of a record where an agreement does not show it: stable within it, unrelated between two. */
  recordPseudonymOf(agreementId: string, key: string): string {
    return createHmac('sha256', this.recordKey).update(`${agreementId}|${key}`).digest('base64url').slice(0, 22);
  }

  /**
   * A position of one subscription's ledger as an opaque text that only this deployment can make; `at` says what the
   * subscription was when it was there.
   */
  cursorOf(subscriptionId: string, position: number, at?: Readonly<Moves>): string {
    const moves = at ? [at.replays, at.version] : [];
    const body = Buffer.from(JSON.stringify([subscriptionId, position, ...moves])).toString('base64url');
    return `${body}.${this.sign(body)}`;
  }

  /** The position in a cursor; `Invalid` `cursor.invalid` when it is forged or of another subscription. */
  positionIn(cursor: string, subscriptionId: string): number {
    return this.placeIn(cursor, subscriptionId).position;
  }

  /** What `cursorOf` was given. Errors: as `positionIn`. */
  placeIn(cursor: string, subscriptionId: string): { position: number; at?: Moves } {
    const [body = '', signature = ''] = cursor.split('.');
    const [expected, given] = [Buffer.from(this.sign(body)), Buffer.from(signature)];
    if (expected.length === given.length && timingSafeEqual(expected, given)) {
      const content = Buffer.from(body, 'base64url').toString('utf8');
      const [owner, position, replays, version] = JSON.parse(content) as [string, number, number?, number?];
      const at = replays !== undefined && version !== undefined ? { replays, version } : undefined;
      if (owner === subscriptionId) return { position, at };
    }
    throw new Invalid('cursor.invalid', 'the cursor was not made by the bus for this subscription');
  }

  /** A secret as it may be stored: AES-256-GCM, bound to the subscription it belongs to. */
  seal(secret: string, subscriptionId: string): string {
    return this.encrypt('webhook-secrets', secret, subscriptionId).toString('base64');
  }

  open(stored: string, subscriptionId: string): string {
    return this.decrypt('webhook-secrets', Buffer.from(stored, 'base64'), subscriptionId);
  }

  /** A cursor whose holder can neither read it nor use it for anything but `boundTo`. */
  sealCursor(content: string, boundTo: string): string {
    // Padded, so that the length of the cursor does not tell that of a key.
    return this.encrypt('sealed-cursors', JSON.stringify(content).padEnd(256), boundTo).toString('base64url');
  }

  /** What `sealCursor` was given; `Invalid` `cursor.invalid` when it is forged or bound to something else. */
  openCursor(cursor: string, boundTo: string): string {
    try {
      return JSON.parse(this.decrypt('sealed-cursors', Buffer.from(cursor, 'base64url'), boundTo)) as string;
    } catch (cause) {
      throw new Invalid('cursor.invalid', 'the cursor was not made by the bus for this request', { cause });
    }
  }

  /** The signature of a link: whoever has it may follow the link, so it must end with the link. */
  linkSignatureOf(link: string): string {
    return createHmac('sha256', this.derive('links')).update(link).digest('base64url');
  }

  isLinkSignature(link: string, signature: string): boolean {
    const [expected, given] = [Buffer.from(this.linkSignatureOf(link)), Buffer.from(signature)];
    return expected.length === given.length && timingSafeEqual(expected, given);
  }

  private encrypt(label: string, text: string, boundTo: string): Buffer {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.derive(label), iv).setAAD(Buffer.from(boundTo));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]);
  }

  private decrypt(label: string, bytes: Buffer, boundTo: string): string {
    const decipher = createDecipheriv('aes-256-gcm', this.derive(label), bytes.subarray(0, 12), { authTagLength: 16 })
      .setAAD(Buffer.from(boundTo))
      .setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
  }

  private sign(body: string): string {
    return createHmac('sha256', this.cursorKey).update(body).digest('base64url');
  }

  private derive(label: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.root, '', `govbus exchange ${label}`, 32));
  }
}
