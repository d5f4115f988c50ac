import { Changes, LOGGER, type Logger } from '@govbus/platform';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { GridCell } from './grid-cell.entity';
import { GridIndex } from './grid-index';

/** Channel that says which grid has a new, changed or retired cell. */
export const gridChanged = 'grid';

/** The grids in memory: read from the local copy when first asked for, forgotten when a cell of theirs changes. */
@Injectable()
export class Grids implements OnApplicationBootstrap {
  /** Rises with every change; whoever used an index compares it afterwards. */
  generation = 0;
  private readonly indexes = new Map<string, Promise<GridIndex>>();
  private readonly listeners: (() => void)[] = [];

  constructor(
    private readonly db: DataSource,
    private readonly changes: Changes,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    // A change while the listening connection was away is not heard: afterwards every grid is read anew.
    await this.changes.on(
      gridChanged,
      (gridId) => this.forget([gridId]),
      () => this.forget([...this.indexes.keys()]),
    );
  }

  private forget(gridIds: string[]): void {
    this.generation++;
    for (const gridId of gridIds) this.indexes.delete(gridId);
    for (const listener of this.listeners) listener();
  }

  /** Calls `listener` after each change, when the old index is already forgotten. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** The index of a grid as its cells stand; empty for a grid without cells. */
  index(gridId: string): Promise<GridIndex> {
    const known = this.indexes.get(gridId);
    if (known) return known;
    const loading = this.load(gridId);
    this.indexes.set(gridId, loading);
    loading.catch(() => {
      if (this.indexes.get(gridId) === loading) this.indexes.delete(gridId);
    });
    return loading;
  }

  private async load(gridId: string): Promise<GridIndex> {
    const cells = await this.db.manager.findBy(GridCell, { gridId, status: 'active' });
    const index = new GridIndex(cells);
    if (index.broken > 0) this.logger.warn({ gridId, cells: index.broken }, 'cells without a usable polygon');
    return index;
  }
}
