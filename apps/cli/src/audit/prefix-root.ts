import { leafHash, merkleRoot, nodeHash } from '@govbus/tlog';

/** The root of a log while its entries pass, in memory that grows with the height of the tree. Source: RFC 6962, section 2.1. */
export class PrefixRoot {
  /** Roots of the complete subtrees, from the left; each is larger than the next. */
  private readonly peaks: { height: number; hash: Buffer }[] = [];

  add(entry: Buffer): void {
    let peak = { height: 0, hash: leafHash(entry) };
    for (let last = this.peaks.at(-1); last?.height === peak.height; last = this.peaks.at(-1)) {
      this.peaks.pop();
      peak = { height: peak.height + 1, hash: nodeHash(last.hash, peak.hash) };
    }
    this.peaks.push(peak);
  }

  root(): Buffer {
    const hashes = this.peaks.map(({ hash }) => hash);
    const last = hashes.pop();
    return last ? hashes.reduceRight((right, left) => nodeHash(left, right), last) : merkleRoot([]);
  }
}
