// `npm run generate`: writes docs/reference. With --check it writes nothing and names each file that differs.
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { asyncApiDocument } from './generate/asyncapi.ts';
import { cliPages } from './generate/cli.ts';
import { openApiFaults, refFaults, schemaFaults } from './generate/json-checks.ts';
import { openApiDocuments } from './generate/openapi.ts';
import { problemsPage } from './generate/problems.ts';
import { settingsPage } from './generate/settings.ts';
import { topicsPage } from './generate/topics.ts';
import { type Document, root } from './generate/workspace.ts';

// Types of decorated properties are read through it, and the classes are loaded after it.
createRequire(import.meta.url)('reflect-metadata');

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const documents = [
    ...(await openApiDocuments()),
    asyncApiDocument(),
    topicsPage(),
    settingsPage(),
    problemsPage(),
    ...cliPages(),
  ];
  const faults = documents.flatMap(({ path, text }) => faultsOf(path, text).map((fault) => `${path}: ${fault}`));
  if (faults.length > 0) throw new Error(`the documents have faults:\n  ${faults.join('\n  ')}`);
  const differing = values.check ? documents.filter(differs) : [];
  const surplus = globSync('docs/reference/**/*.{json,md}', { cwd: root }).filter(
    (path) => !documents.some((document) => document.path === path),
  );
  if (!values.check) return write(documents, surplus);
  for (const path of [...differing.map((document) => document.path), ...surplus].sort())
    console.error(`${path} is not what the code says: run \`npm run generate\` and commit it`);
  if (differing.length + surplus.length > 0) process.exitCode = 1;
  else console.log(`docs/reference: ${documents.length} files are what the code says`);
}

function faultsOf(path: string, text: string): string[] {
  if (!path.endsWith('.json')) return [];
  const document = JSON.parse(text) as Record<string, unknown>;
  return path.includes('/openapi/') ? openApiFaults(document) : [...refFaults(document), ...schemaFaults(document)];
}

function differs({ path, text }: Document): boolean {
  try {
    return readFileSync(join(root, path), 'utf8') !== text;
  } catch {
    return true;
  }
}

function write(documents: Document[], surplus: string[]): void {
  for (const { path, text } of documents) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  for (const path of surplus) rmSync(join(root, path));
  console.log(`docs/reference: ${documents.length} files written`);
}

main().catch((error: unknown) => {
  console.error(`govbus: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
