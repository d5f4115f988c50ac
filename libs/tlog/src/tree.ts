import { createHash } from 'node:crypto';

const sha256 = (...parts: Buffer[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const leafPrefix = Buffer.from([0]);
const nodePrefix = Buffer.from([1]);

/** Hash of one entry. Source: RFC 6962, section 2.1. */
export const leafHash = (entry: Buffer): Buffer => sha256(leafPrefix, entry);
/** Hash of an inner node. Source: RFC 6962, section 2.1. */
export const nodeHash = (left: Buffer, right: Buffer): Buffer => sha256(nodePrefix, left, right);

/** Root over leaf hashes; of none, the hash of nothing. Source: RFC 6962, section 2.1. */
export function merkleRoot(leaves: Buffer[]): Buffer {
  if (leaves.length === 0) return sha256();
  let level = leaves;
  // An odd last node is carried up unchanged: the same tree as splitting at the largest power of two.
  while (level.length > 1) {
    const next: Buffer[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [left, right] = [level[i], level[i + 1]];
      if (left) next.push(right ? nodeHash(left, right) : left);
    }
    level = next;
  }
  return level[0] ?? sha256();
}

/** The hash of the complete subtree that starts at `index << level` and spans `1 << level` leaves. */
export type HashAt = (level: number, index: number) => Promise<Buffer>;

/** The complete subtrees, from the left, that a tree's leaves from `begin` to `end` fall into: their level and index. */
export function subtreesOf(begin: number, end: number): { level: number; index: number }[] {
  const found: { level: number; index: number }[] = [];
  let at = begin;
  while (at < end) {
    let level = 0;
    while (level < 52 && at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= end) level++;
    found.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return found;
}

/** Root of the leaves from `begin` to `end`, made of complete subtrees. `begin` is a multiple of the span's size. */
export async function rootOfRange(begin: number, end: number, hashAt: HashAt): Promise<Buffer> {
  return rootOfPeaks(await Promise.all(subtreesOf(begin, end).map(({ level, index }) => hashAt(level, index))));
}

/** The root of a tree while its leaves pass, in memory that grows with its height. Source: RFC 6962, section 2.1. */
export class GrowingRoot {
  /** Roots of the complete subtrees, from the left; each is larger than the next. */
  private readonly peaks: { height: number; hash: Buffer }[] = [];

  add(leaf: Buffer): void {
    let peak = { height: 0, hash: leaf };
    for (let last = this.peaks.at(-1); last?.height === peak.height; last = this.peaks.at(-1)) {
      this.peaks.pop();
      peak = { height: peak.height + 1, hash: nodeHash(last.hash, peak.hash) };
    }
    this.peaks.push(peak);
  }

  root(): Buffer {
    return rootOfPeaks(this.peaks.map(({ hash }) => hash));
  }
}

function rootOfPeaks(peaks: Buffer[]): Buffer {
  const last = peaks.at(-1);
  return last ? peaks.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last) : merkleRoot([]);
}
