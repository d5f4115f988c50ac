import { createHmac, type KeyObject } from 'node:crypto';

/**
 * How audit entries name a data subject: the same person of a dataset is always the same text, and of another dataset
 * another one; who it is nobody can tell without the key.
 *
 * Shape: `key` of 32 bytes as a key object, because an HMAC whose key is a buffer costs five times as much; 22 characters.
 *   The exchange and audit have the same key, and neither changes: entries of years ago are searched by this text.
 * Source: HMAC-SHA-256 (RFC 2104) of `<datasetId>|<subject>`, the first 132 bits in base64url.
 */
export const subjectHash = (key: KeyObject, datasetId: string, subject: string): string =>
  createHmac('sha256', key).update(`${datasetId}|${subject}`).digest('base64url').slice(0, 22);
