import { createRequire } from 'node:module';
import { crc32c, encodeRecord, type Encoded, type RecordParts } from './fast-records';

const load = createRequire(__filename);
const original = {
  record: load('kafkajs/src/protocol/recordBatch/record/v0') as (parts: RecordParts) => Encoded,
  crc: load('kafkajs/src/protocol/recordBatch/crc32C') as (bytes: Buffer) => number,
};

// mulberry32: every run plays the same records.
let state = 20_261_125;
const random = (below: number): number => {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below);
};
const bytes = (): Buffer => Buffer.from(Array.from({ length: random(1_000) }, () => random(256)));
const anyText = (): string =>
  ['', 'k', 'é', '动物', '😀'.repeat(random(1_000)), 'x'.repeat(random(5_000))][random(6)] ?? '';
const anyValue = (): string | Buffer => (random(2) ? anyText() : bytes());

it('encodes every record as kafkajs does', () => {
  for (let i = 0; i < 300; i += 1) {
    const parts: RecordParts = {
      offsetDelta: random(2) ? random(300) : random(2 ** 30),
      timestampDelta: random(2) ? 0 : random(2 ** 30),
      key: random(4) ? anyValue() : null,
      value: random(6) ? anyValue() : null,
      headers: Object.fromEntries(
        Array.from({ length: random(4) }, (_, n) => [
          `${anyText().slice(0, 40)}${n}`,
          random(3) ? anyValue() : [anyText(), bytes()],
        ]),
      ),
    };
    expect(encodeRecord(parts).buffer.equals(original.record(parts).buffer)).toBe(true);
  }
  expect(encodeRecord({ value: 'x' }).buffer.equals(original.record({ value: 'x' }).buffer)).toBe(true);
  // Headers that are shared are encoded once, and only while nobody can change them.
  const [frozen, open] = [Object.freeze({ a: 'é', b: 'y' }), { a: 'é' }];
  for (const value of ['x', 'y']) {
    for (const headers of [frozen, open])
      expect(encodeRecord({ value, headers }).buffer.equals(original.record({ value, headers }).buffer)).toBe(true);
    open.a += 'longer';
  }
});

it('has the checksum of RFC 3720, as kafkajs has', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  for (let i = 0; i < 300; i += 1) {
    const some = bytes();
    expect(crc32c(some)).toBe(original.crc(some));
  }
});
