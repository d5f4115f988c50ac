// Where things are, and what every generated document needs of the workspace.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as contractsModule from '@govbus/contracts';
import { readTopics, type TopicSpec } from '@govbus/messaging';

export const root = join(import.meta.dirname, '../..');
export const services = ['departments', 'data-catalog', 'exchange', 'case-routing', 'audit'] as const;
export type Service = (typeof services)[number];
/** A generated file: its path from the root, and its text. */
export type Document = { path: string; text: string };

export const read = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8');

/** The contracts of the bus, by the name that the code imports. */
export const { contracts } = contractsModule;
export type AnyContract = (typeof contracts)[number];

export const topics = (): TopicSpec[] => readTopics(read('deploy/topics.yaml'));

/** The contract that is exported as `name`. */
export function contractNamed(name: string): AnyContract {
  const found = contracts.find((contract) => contract === Reflect.get(contractsModule, name));
  if (!found) throw new Error(`no contract is called ${name}`);
  return found;
}

/** The services that use a library, directly or through another. */
export function servicesUsing(library: string): Service[] {
  return services.filter((service) => librariesOf(join('apps', service)).has(library));
}

function librariesOf(project: string): Set<string> {
  const { dependencies = {} } = JSON.parse(read(project, 'package.json')) as { dependencies?: Record<string, string> };
  const found = new Set<string>();
  for (const name of Object.keys(dependencies)) {
    const folder = join('libs', name.replace('@govbus/', ''));
    if (!name.startsWith('@govbus/') || !existsSync(join(root, folder))) continue;
    found.add(name.replace('@govbus/', ''));
    for (const inner of librariesOf(folder)) found.add(inner);
  }
  return found;
}
