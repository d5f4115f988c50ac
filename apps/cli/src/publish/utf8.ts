import { isUtf8 } from 'node:buffer';

/** Stands where the bytes are not UTF-8. A noncharacter: no text has it, unlike U+FFFD, which files may hold. */
export const notUtf8 = '\uFDD0';
const marker = Buffer.from(notUtf8);

// Bytes of the character that a lead byte begins; 1 for what begins none.
function lengthOf(lead: number): number {
  if (lead >= 0xf0 && lead < 0xf8) return 4;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  return lead >= 0xc0 && lead < 0xe0 ? 2 : 1;
}

/** Joins chunks so that none ends within a character. */
export class Utf8Chunks {
  private held: Buffer = Buffer.alloc(0);

  add(chunk: Buffer): Buffer {
    const content = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    let end = content.length;
    for (let back = 1; back <= Math.min(3, content.length); back += 1) {
      const byte = content[content.length - back] ?? 0;
      if (byte >= 0xc0 && lengthOf(byte) > back) end = content.length - back;
      if (byte < 0x80 || byte >= 0xc0) break;
    }
    this.held = content.subarray(end);
    return content.subarray(0, end);
  }

  rest(): Buffer {
    return this.held;
  }
}

/** The same bytes with `notUtf8` in place of each that is no UTF-8: rows stay apart, and the bad ones are known. */
export function markInvalidUtf8(content: Buffer): Buffer {
  if (isUtf8(content)) return content;
  const parts: Buffer[] = [];
  let good = 0;
  for (let at = 0; at < content.length;) {
    const lead = content[at] ?? 0;
    const end = at + lengthOf(lead);
    if (lead < 0x80 || (end <= content.length && isUtf8(content.subarray(at, end)))) {
      at = end;
      continue;
    }
    parts.push(content.subarray(good, at), marker);
    at += 1;
    good = at;
  }
  return Buffer.concat([...parts, content.subarray(good)]);
}
