// Texts of others could move the cursor or change the colours of the terminal.
const printable = (text: string): string => text.replace(/\p{Cc}/gu, '?');

/** Columns side by side, two spaces apart, under their names. */
export function table(names: string[], rows: string[][]): string {
  const all = [names.map((name) => name.toUpperCase()), ...rows.map((row) => row.map(printable))];
  const widths = names.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]): string => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return all.map((row) => `${line(row).trimEnd()}\n`).join('');
}
