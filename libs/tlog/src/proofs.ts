import { type HashAt, nodeHash, rootOfRange } from './tree';

const splitOf = (size: number): number => {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
};

/**
 * Audit path of the leaf at `index` in the tree of `size` leaves, from the leaf up.
 *
 * Source: RFC 6962, section 2.1.1.
 */
export async function inclusionProof(index: number, size: number, hashAt: HashAt): Promise<Buffer[]> {
  if (index < 0 || index >= size) throw new RangeError(`there is no leaf ${index} in a tree of ${size}`);
  const path: Buffer[] = [];
  let [begin, end] = [0, size];
  while (end - begin > 1) {
    const split = begin + splitOf(end - begin);
    const isLeft = index < split;
    path.unshift(await (isLeft ? rootOfRange(split, end, hashAt) : rootOfRange(begin, split, hashAt)));
    if (isLeft) end = split;
    else begin = split;
  }
  return path;
}

// A hash of another length could share the bytes that are hashed with its neighbour.
const areHashes = (hashes: Buffer[]): boolean => hashes.every((hash) => hash.length === 32);

/** Whether the leaf hash at `index` is in the tree of `size` leaves with this root. Source: RFC 9162, section 2.1.3.2. */
export function verifyInclusion(leaf: Buffer, index: number, size: number, proof: Buffer[], root: Buffer): boolean {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  if (!areHashes([leaf, ...proof])) return false;
  let [node, last, hash] = [index, size - 1, leaf];
  for (const step of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(step, hash);
      while (node % 2 === 0 && node !== 0) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
    } else hash = nodeHash(hash, step);
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 && hash.equals(root);
}

/** Proof that the tree of `older` leaves is the beginning of that of `newer`. Source: RFC 6962, section 2.1.2. */
export async function consistencyProof(older: number, newer: number, hashAt: HashAt): Promise<Buffer[]> {
  if (older < 1 || older > newer) throw new RangeError(`a tree of ${older} is no beginning of one of ${newer}`);
  const path: Buffer[] = [];
  let [begin, end, isWhole] = [0, newer, true];
  while (older !== end) {
    const split = begin + splitOf(end - begin);
    if (older <= split) {
      path.unshift(await rootOfRange(split, end, hashAt));
      end = split;
    } else {
      path.unshift(await rootOfRange(begin, split, hashAt));
      begin = split;
      isWhole = false;
    }
  }
  if (!isWhole) path.unshift(await rootOfRange(begin, end, hashAt));
  return path;
}

/** Whether the older root's tree is the beginning of the newer's. Source: RFC 9162, section 2.1.4.2. */
export function verifyConsistency(
  older: { size: number; root: Buffer },
  newer: { size: number; root: Buffer },
  proof: Buffer[],
): boolean {
  if (!Number.isSafeInteger(older.size) || !Number.isSafeInteger(newer.size) || older.size < 0) return false;
  if (!areHashes([older.root, newer.root, ...proof])) return false;
  if (older.size === newer.size) return proof.length === 0 && older.root.equals(newer.root);
  if (older.size < 1 || older.size > newer.size || proof.length === 0) return false;
  const isPower = splitOf(older.size + 1) === older.size;
  const [first, ...rest] = isPower ? [older.root, ...proof] : proof;
  if (!first) return false;
  let [node, last] = [older.size - 1, newer.size - 1];
  while (node % 2 === 1) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  let [fromOld, fromNew] = [first, first];
  for (const step of rest) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      [fromOld, fromNew] = [nodeHash(step, fromOld), nodeHash(step, fromNew)];
      while (node % 2 === 0 && node !== 0) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
    } else fromNew = nodeHash(fromNew, step);
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 && fromOld.equals(older.root) && fromNew.equals(newer.root);
}
