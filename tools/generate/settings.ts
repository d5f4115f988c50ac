// docs/reference/settings.md: the settings of each service, from its AppConfig and its .env.example.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type JsonSchema, propertiesOf, type RuledClass } from '@govbus/platform';
import ts from 'typescript';
import { code, page, table } from './markdown.ts';
import { type Document, read, root, type Service, services } from './workspace.ts';

/** A setting as the service checks it. */
export type Setting = { name: string; required: boolean; byDefault: string; says: string };

const require = createRequire(import.meta.url);

/** Every setting of a service; those of all services first. */
export function settingsOf(service: Service): Setting[] {
  const { AppConfig } = require(join(root, 'apps', service, 'dist/app.config.js')) as { AppConfig: RuledClass };
  const comments = new Map([
    ...commentsIn('libs/platform/src/config.ts'),
    ...commentsIn(`apps/${service}/src/app.config.ts`),
  ]);
  const example = exampleOf(service);
  const settings = [...propertiesOf(AppConfig)].map(([name, { required, schema }]) => ({
    name,
    required,
    byDefault: schema.default === undefined ? '' : String(schema.default),
    says: [comments.get(name) ?? example.comments.get(name) ?? '', valuesOf(schema)].filter(Boolean).join(' '),
  }));
  const known = new Set(settings.map(({ name }) => name));
  const differing = known.symmetricDifference(example.values);
  if (differing.size > 0)
    throw new Error(`apps/${service}/.env.example and its AppConfig differ: ${[...differing].join(', ')}`);
  return settings;
}

/** What a service's `.env.example` gives: names with values, and the comment above a name. */
export function exampleOf(service: Service): { values: Map<string, string>; comments: Map<string, string> } {
  const values = new Map<string, string>();
  const comments = new Map<string, string>();
  let comment = '';
  for (const line of read('apps', service, '.env.example').split('\n')) {
    const [, name, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? [];
    if (name !== undefined) {
      values.set(name, value ?? '');
      if (comment) comments.set(name, comment);
    }
    comment = line.startsWith('# ') ? line.slice(2) : '';
  }
  return { values, comments };
}

function valuesOf({ enum: values, minimum, maximum }: JsonSchema): string {
  if (Array.isArray(values)) return `One of ${values.map((value) => code(String(value))).join(', ')}.`;
  if (minimum === undefined) return '';
  return maximum === undefined ? `${String(minimum)} or more.` : `${String(minimum)} to ${String(maximum)}.`;
}

/** Doc comments of the properties of a file's classes, by property. */
function commentsIn(path: string): Map<string, string> {
  const file = ts.createSourceFile(path, read(path), ts.ScriptTarget.ESNext, true);
  const comments = new Map<string, string>();
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyDeclaration(node)) {
      const comment = ts.getJSDocCommentsAndTags(node).find(ts.isJSDoc)?.comment;
      const text = ts.getTextOfJSDocComment(comment);
      if (text) comments.set(node.name.getText(), text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return comments;
}

export function settingsPage(): Document {
  const all = services.map((service) => ({ service, settings: settingsOf(service) }));
  const shared = new Set(all[0]?.settings.map(({ name }) => name));
  for (const { settings } of all)
    for (const name of shared) if (!settings.some((setting) => setting.name === name)) shared.delete(name);
  const rows = (settings: Setting[]): string =>
    table(
      ['setting', 'default', 'what it is'],
      settings.map(({ name, required, byDefault, says }) => [
        code(name),
        required ? '(must be set)' : code(byDefault) || '(none)',
        says,
      ]),
    );
  const own = all.map(({ service, settings }) => {
    const more = settings.filter(({ name }) => !shared.has(name));
    return `## ${service}\n\n${more.length > 0 ? rows(more) : 'No more than every service has.'}`;
  });
  const intro =
    'Read once from the environment at the start; an empty value counts as missing. A service that finds a fault names ' +
    'every one of them, without values, and ends with 78. Settings that end in `_FILE` name a file with a secret.';
  const common = (all[0]?.settings ?? []).filter(({ name }) => shared.has(name));
  return {
    path: 'docs/reference/settings.md',
    text: page('Settings', intro, `## every service\n\n${rows(common)}`, ...own),
  };
}
