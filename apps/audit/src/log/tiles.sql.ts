import { type HashAt, merkleRoot, tileWidth } from '@govbus/tlog';
import type { EntityManager } from 'typeorm';

const hashBytes = 32;
const heightOfTile = 8;
type TileRow = { tile: string; hashes: Buffer };

const split = (hashes: Buffer): Buffer[] =>
  Array.from({ length: hashes.length / hashBytes }, (_, i) => hashes.subarray(i * hashBytes, (i + 1) * hashBytes));

/** The hashes of a tile; none when it is not there. */
export async function readTile(level: number, tile: number, db: Pick<EntityManager, 'query'>): Promise<Buffer[]> {
  const [row] = await db.query<TileRow[]>('SELECT tile, hashes FROM tiles WHERE level = $1 AND tile = $2', [
    level,
    tile,
  ]);
  return row ? split(row.hashes) : [];
}

/** Appends leaf hashes to the tiles, and the roots of tiles that became full to the level above. */
export async function appendHashes(size: number, leaves: Buffer[], tx: EntityManager): Promise<void> {
  let added = leaves;
  for (let level = 0, before = size; added.length > 0; level++) {
    const above: Buffer[] = [];
    let tile = Math.floor(before / tileWidth);
    let hashes = before % tileWidth === 0 ? [] : await readTile(level, tile, tx);
    for (let at = 0; at < added.length; tile++) {
      const room = tileWidth - hashes.length;
      hashes = [...hashes, ...added.slice(at, at + room)];
      at += room;
      await tx.query(
        `INSERT INTO tiles (level, tile, hashes) VALUES ($1, $2, $3)
         ON CONFLICT (level, tile) DO UPDATE SET hashes = EXCLUDED.hashes`,
        [level, tile, Buffer.concat(hashes)],
      );
      if (hashes.length < tileWidth) break;
      above.push(merkleRoot(hashes));
      hashes = [];
    }
    added = above;
    before = Math.floor(before / tileWidth);
  }
}

/** The hashes of complete subtrees, from the tiles; each tile is read once. */
export function hashesFrom(db: Pick<EntityManager, 'query'>): HashAt {
  const read = new Map<string, Promise<Buffer[]>>();
  return async (level, index) => {
    const tileLevel = Math.floor(level / heightOfTile);
    const width = 2 ** (level % heightOfTile);
    const first = index * width;
    const tile = Math.floor(first / tileWidth);
    const key = `${tileLevel}/${tile}`;
    const hashes = read.get(key) ?? readTile(tileLevel, tile, db);
    read.set(key, hashes);
    const from = first % tileWidth;
    return merkleRoot((await hashes).slice(from, from + width));
  };
}
