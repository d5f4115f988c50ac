// docs/reference/topics.md: the topics, what is in them, and who writes and reads them.
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { code, page, table } from './markdown.ts';
import {
  type AnyContract,
  contractNamed,
  contracts,
  type Document,
  read,
  root,
  services,
  topics,
} from './workspace.ts';

// Read and written as raw messages for speed, below the contracts' handlers.
const rawWriters: Record<string, string[]> = { 'bus.events': ['exchange'] };
const rawReaders: Record<string, string[]> = { 'bus.events': ['exchange'], 'audit.entries': ['audit'] };

/** The services that send a contract's messages: the one its type is named after; every one its audit entries. */
export function writersOf({ type, topic }: AnyContract): string[] {
  if (topic === 'audit.entries') return [...services];
  const [prefix = ''] = type.split('.');
  const writer = services.find((service) => service === prefix || service.endsWith(`-${prefix}`));
  if (!writer) throw new Error(`the type ${type} is named after no service`);
  return [writer];
}

/** Message key of a contract, such as `department:<departmentCode>`. */
export function keyOf(contract: AnyContract): string {
  const data = new Proxy({}, { get: (_, name) => `<${String(name)}>` });
  const key = contract.key as (data: object) => string;
  return key(data);
}

export function topicsPage(): Document {
  const readers = readersOf();
  const parts = topics().map(({ topic, partitions, config, profiles }) => {
    const inside = contracts.filter((contract) => contract.topic === topic);
    const settings = Object.entries({ partitions: String(partitions), ...config });
    const perProfile = Object.entries(profiles).map(
      ([profile, { replicas, config: more }]) =>
        `- ${profile}: ${[`replicas ${replicas}`, ...Object.entries(more).map(([name, value]) => `${name} ${value}`)].join(', ')}`,
    );
    const rows = inside.map((contract) => [
      code(contract.type),
      contract.kind,
      code(keyOf(contract)),
      writersOf(contract).join(', '),
      (rawReaders[topic] ?? readers.get(contract) ?? ['nobody yet']).join(', '),
    ]);
    if (inside.length === 0 && rawWriters[topic])
      rows.push([
        'accepted CloudEvents',
        'event',
        code('<dataset>'),
        rawWriters[topic].join(),
        (rawReaders[topic] ?? []).join(),
      ]);
    return [
      `## ${topic}`,
      settings.map(([name, value]) => `- ${name}: ${value}`).join('\n') + `\n${perProfile.join('\n')}`,
      rows.length > 0 ? table(['type', 'kind', 'key', 'from', 'to'], rows) : 'No message type yet.',
    ].join('\n\n');
  });
  const intro =
    'Every message is a CloudEvent 1.0 in structured mode. A `record` is a whole snapshot with a rising `version` on a ' +
    'compacted topic, an `event` a fact. Schemas: [asyncapi.json](asyncapi.json). Applied from `deploy/topics.yaml`.';
  return { path: 'docs/reference/topics.md', text: page('Topics', intro, ...parts) };
}

/** The services with a handler for each contract, from their `@Handles(...)`. */
function readersOf(): Map<AnyContract, string[]> {
  const readers = new Map<AnyContract, string[]>();
  const add = (text: string, by: readonly string[]): void => {
    for (const [, name = ''] of text.matchAll(/@Handles\((\w+)\)/g)) {
      const contract = contractNamed(name);
      readers.set(contract, [...(readers.get(contract) ?? []), ...by]);
    }
  };
  const withCopies = services.filter((service) => /registry: true/.test(read('apps', service, 'src/app.module.ts')));
  for (const file of globSync('libs/platform/src/**/*.consumers.ts', { cwd: root }).sort()) add(read(file), withCopies);
  for (const service of services)
    for (const file of globSync('**/*.consumer.ts', { cwd: join(root, 'apps', service, 'src') }).sort())
      add(read('apps', service, 'src', file), [service]);
  return readers;
}
