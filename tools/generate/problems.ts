// docs/reference/problems.md: every stable problem code of the source, with its status and who answers it.
import { globSync } from 'node:fs';
import { code, page, table } from './markdown.ts';
import { throwsIn, type Throw } from './source-codes.ts';
import { type Document, read, root, services, servicesUsing } from './workspace.ts';

// More texts than these of one code say nothing more.
const textsShown = 3;

export function problemsPage(): Document {
  const files = globSync('{apps,libs}/*/src/**/*.ts', { cwd: root }).filter(isOfServices).sort();
  const byCode = Map.groupBy(
    throwsIn(new Map(files.map((file) => [file, read(file)]))),
    (found) => `${found.code} ${found.status}`,
  );
  const rows = [...byCode]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, found]) => [
      code(found[0]?.code ?? ''),
      found[0]?.status ?? '',
      [...new Set(found.map(({ kind }) => kind))].join(', '),
      servicesOf(found),
      [...new Set(found.map(({ says }) => says))].slice(0, textsShown).join('; '),
    ]);
  const intro =
    'Refusals are `application/problem+json` (RFC 9457) with one of these codes in `code`; `type` is ' +
    '`urn:govbus:problem:<code>`. Codes are stable, texts are not. `<…>` stands for what differs. A message that cannot ' +
    'be handled is parked with the same codes. The issuer (`/oidc`) answers in the forms of OAuth.';
  const body = table(['code', 'status', 'kind', 'services', 'says'], rows);
  return { path: 'docs/reference/problems.md', text: page('Problem codes', intro, body) };
}

const isOfServices = (file: string): boolean =>
  !/\.spec\.ts$|^apps\/(e2e|cli)\/|^libs\/(testing|embedded)\//.test(file);

function servicesOf(found: Throw[]): string {
  const names = new Set(
    found.flatMap(({ file }): string[] => {
      const [kind, name = ''] = file.split('/');
      return kind === 'apps' ? [name] : servicesUsing(name);
    }),
  );
  const those = services.filter((service) => names.has(service));
  return those.length === services.length ? 'all' : those.join(', ');
}
