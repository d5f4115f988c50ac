import { NotFound } from '@govbus/contracts';
import { encodeBundle, parseTilePath, type TileName, tileWidth } from '@govbus/tlog';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { readTile } from './tiles.sql';

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
    const name = parseTilePath(path);
    const parts = name && (name.level === 'entries' ? await this.bundle(name) : await this.hashes(name));
    if (!name || parts?.length !== name.width) throw new NotFound('tile.unknown', 'the log has no such tile');
    return { name, content: name.level === 'entries' ? encodeBundle(parts) : Buffer.concat(parts) };
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
