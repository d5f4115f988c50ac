import { createSecretKey } from 'node:crypto';
import { subjectHash } from './subject-hash';

const key = createSecretKey(Buffer.from(Array.from({ length: 32 }, (_, i) => i)));

describe('subjectHash', () => {
  // The log names people by it for years: another text for the same person and nothing about them is found again.
  // Source of the vectors: `hmac` and `hashlib` of Python 3.
  it.each([
    ['street-reports', '13800001234', '5-IxGEukFRxMGptwqsGdZS'],
    ['street-notes', '13800001234', 'lFr3USp4uqyJC-cwc7USwY'],
    ['street-reports', '张三', 'MKbpA61YbqHcL1T0Gp6uib'],
  ])('is always the same for %s and %s', (datasetId, subject, hash) =>
    expect(subjectHash(key, datasetId, subject)).toBe(hash),
  );

  it('is another one under another key', () => {
    expect(subjectHash(createSecretKey(Buffer.alloc(32)), 'street-reports', '13800001234')).not.toBe(
      subjectHash(key, 'street-reports', '13800001234'),
    );
  });
});
