import { actorOf, assertIfMatch, Audit, type Caller, Changes, lockOrFail } from '@govbus/platform';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource, type EntityManager, In } from 'typeorm';
import { Unit } from '../units/unit.entity';
import { DirectoryEntry, DispatchDirectory } from './directory-entry.entity';
import type { DirectoryOrder } from './directory.dto';
import { checkDirectory, type DirectoryIndex, indexDirectory } from './directory.rules';

const directoryChanged = 'directory';
const directoryId = 'directory';
/** The directory as it stands. */
export type StoredDirectory = { entries: DirectoryEntry[]; version: number };

/** The dispatch directory: replaced as a whole, kept in memory until it changes. */
@Injectable()
export class Directory implements OnApplicationBootstrap {
  /** Rises with every change; whoever used the index compares it afterwards. */
  generation = 0;
  private loading: Promise<DirectoryIndex> | undefined;
  private readonly listeners: (() => void)[] = [];

  constructor(
    private readonly db: DataSource,
    private readonly audit: Audit,
    private readonly changes: Changes,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const forget = (): void => {
      this.generation++;
      this.loading = undefined;
      for (const listener of this.listeners) listener();
    };
    // A change while the listening connection was away is not heard: afterwards the directory is read anew.
    await this.changes.on(directoryChanged, forget, forget);
  }

  /** Calls `listener` after each change, when the old index is already forgotten. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  replace({ entries }: DirectoryOrder, ifMatch: string | undefined, caller: Caller): Promise<StoredDirectory> {
    return this.db.transaction(async (tx) => {
      const directory = await lockOrFail(DispatchDirectory, { directoryId }, tx);
      assertIfMatch(ifMatch, directory.version);
      const unitIds = [...new Set(entries.map((entry) => entry.unitId))];
      const units = await tx.findBy(Unit, { unitId: In(unitIds) });
      checkDirectory(entries, new Set(units.map((unit) => unit.unitId)));
      await tx.createQueryBuilder().delete().from(DirectoryEntry).where('true').execute();
      const lines = entries.map((entry, line) => tx.create(DirectoryEntry, { ...entry, line }));
      if (lines.length > 0) await tx.insert(DirectoryEntry, lines);
      directory.version++;
      await tx.save(directory);
      await Changes.notify(directoryChanged, String(directory.version), tx);
      await this.audit.record(
        {
          action: 'administer',
          operation: 'directory:replace',
          outcome: 'done',
          actor: actorOf(caller),
          entity: `directory:${directory.version}`,
          records: lines.length,
        },
        tx,
      );
      return { entries: lines, version: directory.version };
    });
  }

  show(): Promise<StoredDirectory> {
    // One snapshot: the lines and the version of the same directory.
    return this.db.transaction('REPEATABLE READ', async (tx) => {
      const { version } = await tx.findOneByOrFail(DispatchDirectory, { directoryId });
      return { entries: await entriesOf(tx), version };
    });
  }

  /** The index of the directory as it stands. */
  index(): Promise<DirectoryIndex> {
    if (this.loading) return this.loading;
    const loading = this.load();
    this.loading = loading;
    loading.catch(() => {
      if (this.loading === loading) this.loading = undefined;
    });
    return loading;
  }

  private async load(): Promise<DirectoryIndex> {
    const entries = await entriesOf(this.db.manager);
    return indexDirectory(entries.map((entry) => ({ ...entry, cellIds: entry.cellIds ?? undefined })));
  }
}

const entriesOf = (tx: EntityManager): Promise<DirectoryEntry[]> => tx.find(DirectoryEntry, { order: { line: 'ASC' } });
