// docs/reference/cli.md: the help of `govbus` and of each of its commands.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { page } from './markdown.ts';
import { type Document, root } from './workspace.ts';

const bin = join(root, 'apps/cli/bin/govbus.cjs');

export function cliPages(): Document[] {
  if (!existsSync(bin)) return [];
  const parts = commandsBelow([]).map((names) => {
    const title = ['govbus', ...names].join(' ');
    return `${'#'.repeat(Math.min(names.length + 2, 4))} ${title}\n\n\`\`\`\n${helpOf(names)}\n\`\`\``;
  });
  return [{ path: 'docs/reference/cli.md', text: page('The command line', 'Run it by `npx govbus`.', ...parts) }];
}

function helpOf(names: string[]): string {
  // The width of lines and the place of settings must not depend on who generates.
  const env = { PATH: process.env.PATH, HOME: '/nowhere', COLUMNS: '100', NO_COLOR: '1' };
  const text = execFileSync(process.execPath, [bin, ...names, '--help'], { encoding: 'utf8', env, cwd: root });
  return text.trimEnd();
}

/** The command itself, and then every command below it, by commander's list of commands. */
function commandsBelow(names: string[]): string[][] {
  const [, list = ''] = /^Commands:\n((?: .*\n?)+)/m.exec(`${helpOf(names)}\n`) ?? [];
  const below = [...list.matchAll(/^ {2}(\w[\w-]*)/gm)].map(([, name = '']) => name).filter((name) => name !== 'help');
  return [names, ...below.flatMap((name) => commandsBelow([...names, name]))];
}
