// A table for people, and whether its numbers add up.
export type Line = { what: string; expected: number | string; found: number | string; ok: boolean; note?: string };

export const same = (what: string, expected: number | string, found: number | string, note?: string): Line => {
  return { what, expected, found, ok: expected === found, note };
};
export const holds = (what: string, ok: boolean, note?: string): Line => {
  return { what, expected: 'yes', found: ok ? 'yes' : 'no', ok, note };
};

export function tableOf(lines: Line[]): string {
  const rows = lines.map(({ what, expected, found, ok, note }) => {
    return [ok ? '✓' : '✗', what, String(expected), String(found), note ?? ''];
  });
  const all = [['', '', 'expected', 'found', ''], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const isNumber = (column: number): boolean => column === 2 || column === 3;
  return all
    .map((row) =>
      row
        .map((cell, i) => (isNumber(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
