import { type Checkpoint, verifyCheckpoint } from './checkpoint';
import { decodeBundle, entriesPath, tilePath, tileWidth } from './tiles';
import { leafHash, merkleRoot } from './tree';

/** Fetches what a log serves: `checkpoint` or a path from `tilePath` or `entriesPath`. */
export type LogReader = (path: string) => Promise<Buffer>;
type Watch = { onEntry?: (entry: Buffer, index: number) => void; onProgress?: (done: number, of: number) => void };

/**
 * Recomputes a whole log from its entries, trusting the public key alone.
 *
 * Shape: every entry is hashed and compared with its tile, every tile with the one above, the root with the signed
 *   checkpoint; `onEntry` gets each entry, `onProgress` how many are done.
 * Errors: throws at the first difference, saying where. Source: C2SP tlog-tiles, RFC 6962.
 */
export async function verifyLog(read: LogReader, vkey: string, watch: Watch = {}): Promise<Checkpoint> {
  const checkpoint = verifyCheckpoint((await read('checkpoint')).toString(), vkey);
  let level = await leavesOf(read, checkpoint.size, watch);
  const root = merkleRoot(level);
  for (let depth = 0; level.length > 0; depth++) {
    const above: Buffer[] = [];
    for (let tile = 0; tile * tileWidth < level.length; tile++) {
      const hashes = level.slice(tile * tileWidth, (tile + 1) * tileWidth);
      const path = tilePath(depth, tile, hashes.length);
      if (!(await read(path)).equals(Buffer.concat(hashes))) throw new Error(`${path} does not fit what is below it`);
      if (hashes.length === tileWidth) above.push(merkleRoot(hashes));
    }
    level = above;
  }
  if (!root.equals(checkpoint.root)) throw new Error('the entries do not give the root of the checkpoint');
  return checkpoint;
}

async function leavesOf(read: LogReader, size: number, { onEntry, onProgress }: Watch): Promise<Buffer[]> {
  const leaves: Buffer[] = [];
  for (let bundle = 0; leaves.length < size; bundle++) {
    const width = Math.min(tileWidth, size - leaves.length);
    const entries = decodeBundle(await read(entriesPath(bundle, width)));
    if (entries.length !== width) throw new Error(`bundle ${bundle} holds ${entries.length} entries, not ${width}`);
    for (const entry of entries) {
      onEntry?.(entry, leaves.length);
      leaves.push(leafHash(entry));
    }
    onProgress?.(leaves.length, size);
  }
  return leaves;
}
