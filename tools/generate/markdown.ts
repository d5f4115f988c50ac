const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ').trim();

/** A Markdown table; cells are taken as Markdown. */
export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export const code = (text: string): string => (text === '' ? '' : `\`${text}\``);

/** A generated page. */
export const page = (title: string, ...parts: string[]): string =>
  `${[`<!-- Made by \`npm run generate\`; do not edit. -->`, `# ${title}`, ...parts].join('\n\n')}\n`;
