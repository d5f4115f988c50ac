import { addWorkingDays } from '@govbus/working-time';
import { Injectable } from '@nestjs/common';
import { Directory } from '../directory/directory.service';
import { assign } from '../directory/directory.rules';
import { Grids } from '../grids/grids.service';
import { caseProfile } from './plain.profile';
import type { Ways } from './routing.rules';

/** The ways at one moment, and whether grids or directory have changed since. */
export type CurrentWays = Ways & { areOutdated: () => boolean };

/** Brings grids, directory and calendar together for the routing rules. */
@Injectable()
export class Router {
  constructor(
    private readonly grids: Grids,
    private readonly directory: Directory,
  ) {}

  /** The ways for cases of these grids, as they stand. */
  async ways(gridIds: readonly string[]): Promise<CurrentWays> {
    const [gridGeneration, directoryGeneration] = [this.grids.generation, this.directory.generation];
    const directory = await this.directory.index();
    const grids = new Map(await Promise.all(gridIds.map(async (id) => [id, await this.grids.index(id)] as const)));
    return {
      locate: (gridId, point) => grids.get(gridId)?.locate(point),
      assign: (category, gridId, cellId) => assign(directory, category, gridId, cellId),
      dueAfter: (start, days) => addWorkingDays(start, days, caseProfile.calendar),
      areOutdated: () => gridGeneration !== this.grids.generation || directoryGeneration !== this.directory.generation,
    };
  }

  /** Calls `listener` after each change of a grid or of the directory. */
  onChange(listener: () => void): void {
    this.grids.onChange(listener);
    this.directory.onChange(listener);
  }
}
