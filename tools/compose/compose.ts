// What docker-compose.yml must keep: the settings of the services, their files, databases and connections, dependencies
// and ports.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { loadConfig, type ServiceConfig } from '@govbus/platform';
import { settingsOf } from '../generate/settings.ts';
import { read, root, type Service, services } from '../generate/workspace.ts';
import { keysIn } from '../up/keys.ts';

export type ComposeService = {
  image?: string;
  command?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  healthcheck?: { disable?: boolean };
  depends_on?: Record<string, { condition: string }>;
};
export type Compose = { services: Record<string, ComposeService> };

// Read by Node.js and OpenTelemetry, not by AppConfig.
const ofOthers = /^(NODE_|OTEL_)/;
const require = createRequire(import.meta.url);

/** Every fault of the compose file, beyond what its JSON Schema tells. */
export function composeFaults(compose: Compose): string[] {
  const keyFiles = keyFilesMade();
  const faults = Object.entries(compose.services).flatMap(([name, service]) =>
    [...commandFaults(service), ...portFaults(service), ...dependencyFaults(service, compose)].map(
      (fault) => `${name}: ${fault}`,
    ),
  );
  for (const service of services) {
    const found = compose.services[service];
    const own = found ? settingFaults(service, found.environment ?? {}, keyFiles) : ['is not there'];
    faults.push(...own.map((fault) => `${service}: ${fault}`));
  }
  return [...faults, ...connectionFaults(compose)];
}

/** Connections of a process beside its pool: the relay's, that on which it hears of changes, the exchange's for its copies. */
const besidePool = 3;
/** Those that PostgreSQL keeps for its administrators. */
const reserved = 3;

function connectionFaults({ services: { postgres, ...others } }: Compose): string[] {
  const pools = Object.values(others).flatMap(({ environment }) => environment?.DATABASE_POOL ?? []);
  const wanted = pools.reduce((sum, pool) => sum + Number(pool) + besidePool, reserved);
  const [, most = '100'] = /max_connections=(\d+)/.exec(postgres?.command?.join(' ') ?? '') ?? [];
  return wanted <= Number(most) ? [] : [`postgres: max_connections is ${most}, and up to ${wanted} are needed`];
}

function settingFaults(service: Service, environment: Record<string, string>, keyFiles: string[]): string[] {
  const settings = settingsOf(service);
  const known = new Set(settings.map(({ name }) => name));
  const faults = settings.flatMap(({ name, required }) =>
    required && !environment[name] ? [`${name} is not given`] : [],
  );
  for (const [name, value] of Object.entries(environment)) {
    if (!known.has(name) && !ofOthers.test(name)) faults.push(`${name} is no setting of it`);
    if (name.endsWith('_FILE') && !(value.startsWith('/keys/') && keyFiles.includes(basename(value))))
      faults.push(`${name} names a file that the service \`keys\` does not make`);
  }
  const database = basename(environment.DATABASE_URL ?? '');
  if (!read('deploy/postgres/create-databases.sql').includes(`CREATE DATABASE ${database};`))
    faults.push(`the database \`${database}\` is not created`);
  return faults.length > 0 ? faults : valueFaults(service, environment);
}

// The service's own check of its settings, with the default, or something, in the place of what compose puts in.
function valueFaults(service: Service, environment: Record<string, string>): string[] {
  const file = join(root, 'apps', service, 'dist/app.config.js');
  const { AppConfig } = require(file) as { AppConfig: new () => ServiceConfig };
  const putIn = (_: string, byDefault = 'given'): string => byDefault;
  const given = Object.entries(environment).map(([name, value]) => [
    name,
    value.replaceAll(/\$\{\w+(?::-([^}]*)|[^}]*)\}/g, putIn),
  ]);
  try {
    loadConfig(AppConfig, Object.fromEntries(given) as Record<string, string>);
    return [];
  } catch (error) {
    return [String(error)];
  }
}

function keyFilesMade(): string[] {
  const dir = mkdtempSync(join(tmpdir(), 'govbus-compose-'));
  try {
    keysIn(dir, 'govbus.local/audit');
    return readdirSync(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function commandFaults({ command = [], image }: ComposeService): string[] {
  if (!image || !/^[\w./-]+:[\w.-]+$/.test(image)) return [`the image ${image} has no fixed tag`];
  const [main = ''] = command;
  if (main === '' || !image.startsWith('govbus:')) return [];
  const source = main.replace('/dist/', '/src/').replace(/\.js$/, '.ts');
  return existsSync(join(root, source)) ? [] : [`${main} has no source ${source}`];
}

const portFaults = ({ ports = [] }: ComposeService): string[] =>
  ports.filter((port) => !port.startsWith('127.0.0.1:')).map((port) => `the port ${port} is open to other machines`);

function dependencyFaults({ depends_on: needed = {} }: ComposeService, compose: Compose): string[] {
  return Object.entries(needed).flatMap(([name, { condition }]) => {
    const other = compose.services[name];
    if (!other) return [`it depends on \`${name}\`, which is not there`];
    const checked = other.healthcheck !== undefined || other.image?.startsWith('govbus:') === true;
    if (condition === 'service_healthy' && (!checked || other.healthcheck?.disable))
      return [`it waits for the health of \`${name}\`, which is not checked`];
    return [];
  });
}
