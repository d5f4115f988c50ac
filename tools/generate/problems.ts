// docs/reference/problems.md: every stable problem code of the source, with its status and who answers it.
import { globSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { code, page, table } from './markdown.ts';
import { throwsIn, type Throw } from './source-codes.ts';
import { type Document, read, root, services, servicesUsing } from './workspace.ts';

type Reason = { code: string; attribute: string; detail: string };
const require = createRequire(import.meta.url);

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
    'be handled is parked with the same codes, or with `handler.failed` when its handler failed in another way. The issuer (`/oidc`) answers in the forms of OAuth.';
  const body = table(['code', 'status', 'kind', 'services', 'says'], rows);
  return { path: 'docs/reference/problems.md', text: page('Problem codes', intro, body, explanations()) };
}

// What no policy explains: limits that are used up, areas, and where there is nothing to decide on.
const otherReasons: Reason[] = [
  {
    code: 'agreement.volume',
    attribute: 'agreement.terms.limits.recordsPerDay',
    detail: 'the records of the day (UTC) are used up',
  },
  {
    code: 'agreement.rate',
    attribute: 'agreement.terms.limits.accessesPerMinute',
    detail: 'the accesses of the minute are used up',
  },
  {
    code: 'agreement.other-area',
    attribute: 'agreement.terms.area',
    detail: 'the area asked for does not lie in those of the agreement',
  },
  { code: 'agreement.unknown', attribute: '', detail: 'the department has no agreement with this id' },
  { code: 'decision.failed', attribute: '', detail: 'the decision could not be made' },
];

function explanations(): string {
  const { rules } = require(join(root, 'libs/policy/dist/policies.js')) as { rules: Record<string, Reason> };
  const rows = [...Object.values(rules), ...otherReasons].map((reason) => [
    code(reason.code),
    code(reason.attribute),
    reason.detail,
  ]);
  const intro =
    'Most `decision.denied`, `agreement.limit-reached` and `agreement.other-area` say why in `explanation`: `code`, the ' +
    '`attribute` that decided, and the `policy` if it was one. Of several reasons the first in this order is told.';
  return `## Explanations\n\n${intro}\n\n${table(['code', 'attribute', 'says'], rows)}`;
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
