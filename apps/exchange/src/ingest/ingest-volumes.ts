import { Clock, LOGGER, type Logger } from '@govbus/platform';
import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

const flushEveryMs = 1_000;
const keptDays = 7;

type Volume = { day: string; total: number; unwritten: number };

/**
 * Bytes that each system has published today (UTC), over all processes: counted here, added up in PostgreSQL each second.
 * Approximate: a process learns of the others a second late, and after `kill -9` a second is missing.
 */
@Injectable()
export class IngestVolumes implements BeforeApplicationShutdown {
  private readonly volumes = new Map<string, Volume>();
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;

  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Counts `bytes` of a system. */
  add(systemId: string, bytes: number): void {
    this.volumeOf(systemId).unwritten += bytes;
    this.timer ??= setInterval(() => void this.write(), flushEveryMs).unref();
  }

  /** Bytes of a system today, as far as this process knows. */
  today(systemId: string): number {
    const { total, unwritten } = this.volumeOf(systemId);
    return total + unwritten;
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.writing;
    await this.write();
  }

  private volumeOf(systemId: string): Volume {
    const day = this.clock.now().toISOString().slice(0, 10);
    let volume = this.volumes.get(systemId);
    if (volume?.day !== day) {
      volume = { day, total: 0, unwritten: 0 };
      this.volumes.set(systemId, volume);
    }
    return volume;
  }

  private write(): Promise<void> {
    this.writing ??= this.writeAll()
      .catch((err: unknown) => this.logger.warn({ err }, 'volumes not written'))
      .finally(() => (this.writing = undefined));
    return this.writing;
  }

  private async writeAll(): Promise<void> {
    // Sorted: two processes that write the same rows must not wait for each other.
    const open = [...this.volumes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, volume]) => ({ id, volume }));
    if (open.length === 0) return;
    const written = open.map(({ volume }) => volume.unwritten);
    const rows = await this.db.query<{ system: string; bytes: string }[]>(
      `INSERT INTO ingest_volumes AS kept (day, system, bytes)
       SELECT * FROM unnest($1::date[], $2::text[], $3::bigint[])
       ON CONFLICT (day, system) DO UPDATE SET bytes = kept.bytes + excluded.bytes RETURNING system, bytes`,
      [open.map(({ volume }) => volume.day), open.map(({ id }) => id), written],
    );
    const totals = new Map(rows.map(({ system, bytes }) => [system, Number(bytes)]));
    open.forEach(({ id, volume }, i) => {
      volume.total = totals.get(id) ?? volume.total;
      volume.unwritten -= written[i] ?? 0;
    });
    await this.db.query('DELETE FROM ingest_volumes WHERE day < $1::date - $2::integer', [this.clock.now(), keptDays]);
  }
}
