import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { eventually } from '../dataset';
import type { RunningCity } from '../running-city';
import { connected, query } from './database';

const diskFull = '53100';
const sizeMiB = 64;
const deadlineMs = 240_000;

// Rows for what is free within the pages that the table has, large ones first: without them small rows would find room for
// a long time yet.
const takeRoom = `
  DO $$ DECLARE bytes integer; many integer; BEGIN
    FOREACH bytes IN ARRAY '{1500,300,1}'::integer[] LOOP
      many := 1024;
      WHILE many > 0 LOOP
        BEGIN
          INSERT INTO outbox (topic, key, value) SELECT 'none', 'none', repeat('x', bytes) FROM generate_series(1, many);
        EXCEPTION WHEN disk_full THEN many := many / 2;
        END;
      END LOOP;
    END LOOP;
  END $$`;

/**
 * The disk of the exchange's outbox, which can be full.
 *
 * Shape: a tablespace on a file system of its own, where this process may mount one; elsewhere a trigger that refuses
 *   rows with PostgreSQL's own code for a full disk (`isSimulated`).
 */
export class SmallDisk {
  /** Its open transaction holds rows that nobody sees, in the room that the table had left. */
  private holder: pg.Client | undefined;
  private readonly unmount = (): void => {
    if (this.dir === undefined) return;
    spawnSync('umount', ['-l', this.dir], { stdio: 'ignore' });
    rmSync(this.dir, { recursive: true, force: true });
  };

  private constructor(
    private readonly city: RunningCity,
    /** Where the file system is mounted. */
    private readonly dir: string | undefined,
  ) {}

  static async under(city: RunningCity): Promise<SmallDisk> {
    const disk = new SmallDisk(city, mounted(city));
    if (disk.dir === undefined) return disk;
    process.once('exit', disk.unmount);
    await query(city, `CREATE TABLESPACE small LOCATION '${disk.dir}'`);
    await query(city, 'ALTER TABLE outbox SET TABLESPACE small');
    return disk;
  }

  get isSimulated(): boolean {
    return this.dir === undefined;
  }

  /** Full when this ends: a row of the outbox is refused. */
  async fill(): Promise<void> {
    await eventually(async () => {
      if (this.dir === undefined) await this.refuseRows();
      else await this.takeAll(this.dir);
      const code = await this.codeOfInsert();
      if (code !== diskFull) throw new Error(`the disk of the outbox is not full: an insert gave ${code}`);
    }, deadlineMs);
  }

  async free(): Promise<void> {
    if (this.dir !== undefined) {
      await this.letGo();
      return rmSync(join(this.dir, 'filler'), { force: true });
    }
    await eventually(() => query(this.city, 'DROP TRIGGER IF EXISTS chaos_disk_full ON outbox'), deadlineMs);
  }

  /** Gives the outbox its own disk back. */
  async remove(): Promise<void> {
    await this.free();
    if (!this.isSimulated) {
      await eventually(() => query(this.city, 'ALTER TABLE outbox SET TABLESPACE pg_default'), deadlineMs);
      await eventually(() => query(this.city, 'DROP TABLESPACE IF EXISTS small'), deadlineMs);
    }
    process.off('exit', this.unmount);
    this.unmount();
  }

  private async takeAll(dir: string): Promise<void> {
    fillUp(dir);
    await this.letGo();
    this.holder = await connected(this.city, 'exchange');
    await this.holder.query('BEGIN');
    await this.holder.query(takeRoom);
  }

  // The end of the connection rolls its rows back.
  private async letGo(): Promise<void> {
    const { holder } = this;
    this.holder = undefined;
    await holder?.end().catch(() => undefined);
  }

  private async refuseRows(): Promise<void> {
    await query(
      this.city,
      `CREATE OR REPLACE FUNCTION chaos_disk_full() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'no space left on device (simulated)' USING ERRCODE = '${diskFull}'; END $$`,
    );
    await query(
      this.city,
      'CREATE OR REPLACE TRIGGER chaos_disk_full BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION chaos_disk_full()',
    );
  }

  // A statement that fails whatever happens, so that no row stays; it fails early when there is no space.
  private async codeOfInsert(): Promise<string> {
    const sql = `WITH added AS (INSERT INTO outbox (topic, key, value) VALUES ('none', 'none', repeat('x', 1000)) RETURNING id)
                 SELECT 1 / (count(*) - count(*)) FROM added`;
    try {
      await query(this.city, sql);
      return 'no error';
    } catch (error) {
      return String((error as { code?: unknown }).code);
    }
  }
}

/** A small file system of its own for this city's PostgreSQL; nothing where this process may not mount one. */
function mounted(city: RunningCity): string | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const dir = mkdtempSync(join(tmpdir(), 'govbus-small-disk-'));
  const { uid, gid } = statSync(join(city.dir, 'postgres'));
  const options = `size=${sizeMiB}m,mode=700,uid=${uid},gid=${gid}`;
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'govbus', dir]).status === 0) return dir;
  rmSync(dir, { recursive: true, force: true });
  return undefined;
}

function fillUp(dir: string): void {
  // It ends when no space is left.
  spawnSync('dd', ['if=/dev/zero', `of=${join(dir, 'filler')}`, 'bs=4k'], { stdio: 'ignore' });
}
