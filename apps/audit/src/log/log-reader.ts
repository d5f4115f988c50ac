import { Invalid, NotFound } from '@govbus/contracts';
import { type PageQuery, readCursor } from '@govbus/platform';
import { encodeBundle, parseTilePath, type TileName, tileWidth } from '@govbus/tlog';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { readTile } from './tiles.sql';

/** Where an entry stood that could not be read, and why; never what it held. */
export type UnreadableEntry = { topic: string; partition: number; offset: number; reason: string; bytes: number };

/** What the log serves to whoever checks it. */
@Injectable()
export class LogReader {
  constructor(private readonly db: DataSource) {}

  async state(): Promise<{ size: number; checkpoint: string }> {
    const [row] = await this.db.query<{ size: string; checkpoint: string }[]>('SELECT size, checkpoint FROM log_state');
    return { size: Number(row?.size ?? 0), checkpoint: row?.checkpoint ?? '' };
  }

  /** Errors: `NotFound` `tile.unknown`. */
  async tile(path: string): Promise<{ name: TileName; content: Buffer }> {
    const name = parsed(path);
    const parts = name && (name.level === 'entries' ? await this.bundle(name) : await this.hashes(name));
    if (!name || parts?.length !== name.width) throw new NotFound('tile.unknown', 'the log has no such tile');
    return { name, content: name.level === 'entries' ? encodeBundle(parts) : Buffer.concat(parts) };
  }

  /** What was set aside, oldest first in each partition; one more than asked for. Errors: `Invalid` `cursor.invalid`. */
  unreadable({ limit, cursor }: PageQuery): Promise<UnreadableEntry[]> {
    const [topic = '', partition = -1, offset = -1] = readCursor(cursor, 3) ?? [];
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(partition) || Math.abs(Number(partition)) >= 2 ** 31)
      throw new Invalid('cursor.invalid', 'the cursor is not one that this list gave out');
    return this.db.query<UnreadableEntry[]>(
      `SELECT topic, partition, "offset"::float8 AS "offset", reason, coalesce(length(value), 0) AS bytes
         FROM unreadable_entries WHERE (topic, partition, "offset") > ($1, $2, $3)
        ORDER BY topic, partition, "offset" LIMIT $4`,
      [String(topic), partition, offset, limit + 1],
    );
  }

  private async hashes({ level, index, width }: TileName): Promise<Buffer[]> {
    return (await readTile(Number(level), index, this.db)).slice(0, width);
  }

  private async bundle({ index, width }: TileName): Promise<Buffer[]> {
    const first = index * tileWidth;
    const rows = await this.db.query<{ body: string }[]>(
      'SELECT body FROM entries WHERE index >= $1 AND index < $2 ORDER BY index',
      [first, first + width],
    );
    return rows.map(({ body }) => Buffer.from(body));
  }
}

// No log is so long that a tile lies beyond what a number holds exactly.
function parsed(path: string): TileName | undefined {
  const name = parseTilePath(path);
  return name && Number.isSafeInteger((name.index + 1) * tileWidth) ? name : undefined;
}
