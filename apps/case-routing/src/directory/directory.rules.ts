import { Invalid, type Fault } from '@govbus/contracts';

/** One line of the dispatch directory; without `cellIds` it speaks for the whole grid. */
export type DirectoryLine = {
  category: string;
  gridId: string;
  cellIds?: readonly string[];
  unitId: string;
  limitWorkingDays: number;
};
/** What the directory says for a category and a place. */
export type Assignment = { unitId: string; limitWorkingDays: number };
/** The directory, ready to be asked. */
export type DirectoryIndex = ReadonlyMap<string, Assignment>;

/** The category that stands for all others. */
export const anyCategory = '*';

const keyOf = (category: string, gridId: string, cellId?: string): string => JSON.stringify([category, gridId, cellId]);

/** The directory as an index. MUST hold only lines that `checkDirectory` accepts. */
export function indexDirectory(lines: readonly DirectoryLine[]): DirectoryIndex {
  const index = new Map<string, Assignment>();
  for (const { category, gridId, cellIds, unitId, limitWorkingDays } of lines)
    for (const cellId of cellIds ?? [undefined])
      index.set(keyOf(category, gridId, cellId), { unitId, limitWorkingDays });
  return index;
}

/** The most specific line wins: own category before `*`, and within each the cell before the whole grid. */
export function assign(
  index: DirectoryIndex,
  category: string,
  gridId: string,
  cellId: string | undefined,
): Assignment | undefined {
  for (const named of [category, anyCategory])
    for (const place of cellId === undefined ? [undefined] : [cellId, undefined]) {
      const found = index.get(keyOf(named, gridId, place));
      if (found) return found;
    }
  return undefined;
}

/** Refuses a directory that names an unknown unit, or that gives one category and place to two lines. */
export function checkDirectory(lines: readonly DirectoryLine[], knownUnits: ReadonlySet<string>): void {
  const faults: Fault[] = [];
  const seen = new Set<string>();
  lines.forEach((line, i) => {
    if (!knownUnits.has(line.unitId))
      faults.push({ pointer: `/entries/${i}/unitId`, code: 'unit.unknown', detail: 'no such unit' });
    for (const cellId of line.cellIds ?? [undefined]) {
      const key = keyOf(line.category, line.gridId, cellId);
      if (seen.has(key))
        faults.push({
          pointer: `/entries/${i}`,
          code: 'directory.ambiguous',
          detail: 'an earlier entry speaks for the same category and place',
        });
      seen.add(key);
    }
  });
  if (faults.length > 0)
    throw new Invalid('directory.invalid', 'the directory contradicts itself or names unknown units', {
      faults: faults.slice(0, 100),
    });
}
