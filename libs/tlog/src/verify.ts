import { type Checkpoint, verifyCheckpoint } from './checkpoint';
import { decodeBundle, entriesPath, tilePath, tileWidth } from './tiles';
import { GrowingRoot, leafHash, merkleRoot } from './tree';

/** Fetches what a log serves: `checkpoint` or a path from `tilePath` or `entriesPath`. */
export type LogReader = (path: string) => Promise<Buffer>;
type Watch = {
  onEntry?: (entry: Buffer, index: number, leaf: Buffer) => void;
  onProgress?: (done: number, of: number) => void;
};

/**
 * Recomputes a whole log from its entries, trusting the public key alone.
 *
 * Shape: every entry is hashed and compared with its tile, every tile with the one above, the root with the signed
 *   checkpoint; `onEntry` gets each entry with its hash, `onProgress` how many are done. Memory holds a tile of each
 *   level, whatever the size.
 * Errors: throws at the first difference, saying where. Source: C2SP tlog-tiles, RFC 6962.
 */
export async function verifyLog(read: LogReader, vkey: string, watch: Watch = {}): Promise<Checkpoint> {
  const checkpoint = verifyCheckpoint((await read('checkpoint')).toString(), vkey);
  const { size } = checkpoint;
  const [root, tiles] = [new GrowingRoot(), new TilesAbove(read)];
  for (let done = 0, bundle = 0; done < size; bundle += 1) {
    const leaves: Buffer[] = [];
    for (const entry of await entriesOf(read, bundle, Math.min(tileWidth, size - done))) {
      const leaf = leafHash(entry);
      watch.onEntry?.(entry, done + leaves.length, leaf);
      leaves.push(leaf);
      root.add(leaf);
    }
    await tiles.add(leaves);
    done += leaves.length;
    watch.onProgress?.(done, size);
  }
  await tiles.end();
  if (!root.root().equals(checkpoint.root)) throw new Error('the entries do not give the root of the checkpoint');
  return checkpoint;
}

async function entriesOf(read: LogReader, bundle: number, width: number): Promise<Buffer[]> {
  const entries = decodeBundle(await read(entriesPath(bundle, width)));
  if (entries.length !== width) throw new Error(`bundle ${bundle} holds ${entries.length} entries, not ${width}`);
  return entries;
}

/** Compares each tile when all that is below it has passed. */
class TilesAbove {
  private readonly levels: { complete: number; hashes: Buffer[] }[] = [];

  constructor(private readonly read: LogReader) {}

  /** Hashes of the next tile of a level: a full one, or the last. */
  async add(hashes: Buffer[], depth = 0): Promise<void> {
    const level = (this.levels[depth] ??= { complete: 0, hashes: [] });
    level.hashes.push(...hashes);
    if (level.hashes.length < tileWidth) return;
    await this.compare(depth);
    const above = merkleRoot(level.hashes);
    level.complete += 1;
    level.hashes = [];
    await this.add([above], depth + 1);
  }

  /** Compares the tiles that are not full. */
  async end(): Promise<void> {
    for (const [depth, { hashes }] of this.levels.entries()) if (hashes.length > 0) await this.compare(depth);
  }

  private async compare(depth: number): Promise<void> {
    const { complete = 0, hashes = [] } = this.levels[depth] ?? {};
    const path = tilePath(depth, complete, hashes.length);
    if (!(await this.read(path)).equals(Buffer.concat(hashes)))
      throw new Error(`${path} does not fit what is below it`);
  }
}
