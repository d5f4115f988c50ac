import 'reflect-metadata';
import { Invalid } from '@govbus/contracts';
import { assign, checkDirectory, indexDirectory, type DirectoryLine } from './directory.rules';

const line = (category: string, unitId: string, cellIds?: string[], gridId = 'town'): DirectoryLine => ({
  category,
  gridId,
  unitId,
  limitWorkingDays: 5,
  ...(cellIds && { cellIds }),
});
const lines = [
  line('*', 'any-in-grid'),
  line('*', 'any-in-cell', ['north', 'south']),
  line('Noise', 'noise-in-grid'),
  line('Noise', 'noise-in-cell', ['north']),
];
const unitOf = (from: DirectoryLine[], category: string, cellId?: string, gridId = 'town') =>
  assign(indexDirectory(from), category, gridId, cellId)?.unitId;
const refusal = (act: () => void): Invalid => {
  try {
    act();
  } catch (error) {
    if (error instanceof Invalid) return error;
  }
  throw new Error('nothing was refused');
};

describe('assign', () => {
  it('takes the line of the own category and cell before all others', () => {
    expect(unitOf(lines, 'Noise', 'north')).toBe('noise-in-cell');
  });

  it('takes the own category for the whole grid before any category in the cell', () => {
    expect(unitOf(lines, 'Noise', 'south')).toBe('noise-in-grid');
  });

  it('takes any category in the cell before any category in the grid', () => {
    expect(unitOf(lines, 'Rubbish', 'south')).toBe('any-in-cell');
    expect(unitOf(lines, 'Rubbish', 'east')).toBe('any-in-grid');
  });

  it('takes lines of the whole grid alone when the cell is not known', () => {
    expect(unitOf(lines, 'Noise')).toBe('noise-in-grid');
    expect(unitOf(lines.slice(1, 2), 'Noise')).toBeUndefined();
  });

  it('knows nothing of other grids, other categories and other spellings', () => {
    expect(unitOf(lines, 'Noise', 'north', 'village')).toBeUndefined();
    expect(unitOf(lines.slice(2), 'noise', 'north')).toBeUndefined();
  });

  it('does not depend on the order of the lines', () => {
    expect(unitOf([...lines].reverse(), 'Noise', 'north')).toBe('noise-in-cell');
  });

  it('gives the limit of the line that won', () => {
    const index = indexDirectory([line('*', 'a'), { ...line('Noise', 'b'), limitWorkingDays: 2 }]);
    expect(assign(index, 'Noise', 'town', 'north')).toEqual({ unitId: 'b', limitWorkingDays: 2 });
  });
});

describe('checkDirectory', () => {
  const units = new Set(lines.map((entry) => entry.unitId));

  it('accepts lines that differ in category or place', () => {
    expect(() => checkDirectory(lines, units)).not.toThrow();
  });

  it('names the entry whose unit is unknown', () => {
    const { code, details } = refusal(() => checkDirectory([...lines, line('Rats', 'nobody')], units));
    expect(code).toBe('directory.invalid');
    expect(details.faults).toEqual([expect.objectContaining({ pointer: '/entries/4/unitId', code: 'unit.unknown' })]);
  });

  it('refuses two lines for one category and place', () => {
    const twice = [...lines, line('Noise', 'any-in-grid', ['south', 'north'])];
    expect(refusal(() => checkDirectory(twice, units)).details.faults).toEqual([
      expect.objectContaining({ pointer: '/entries/4', code: 'directory.ambiguous' }),
    ]);
  });
});
