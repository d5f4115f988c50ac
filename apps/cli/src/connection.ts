import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CliError, codeOf } from './cli-error';

export const serviceNames = ['departments', 'data-catalog', 'exchange', 'case-routing', 'audit'] as const;
export type ServiceName = (typeof serviceNames)[number];

/** Where the services are and the secrets of the clients known here; `npm start` writes it. */
export type Connection = {
  /** The file it was read from, absolute. */
  file: string;
  urls: Record<ServiceName, string>;
  /** By client id: a system or an officer. */
  secrets: Record<string, string>;
  /** Who gives tokens, exactly as in their `iss`; without it, departments does. */
  issuer?: string;
  /** Verifier key of the audit log. Source: C2SP signed-note. */
  logKey?: string;
};
type Where = { file?: string; env?: NodeJS.ProcessEnv; cwd?: string };

const usual = '.govbus/run/credentials.json';

/**
 * The connection in `file`, else in the file that `GOVBUS_CONNECTION` names, else in `.govbus/run/credentials.json` of
 * this directory or the nearest one above it.
 *
 * Errors: `CliError` when there is none or it cannot be used, naming what is missing and never a value of it.
 */
export function readConnection({ file, env = process.env, cwd = process.cwd() }: Where = {}): Connection {
  const named = file ?? env.GOVBUS_CONNECTION;
  const path = named ? resolve(cwd, named) : findUpwards(cwd);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const why = codeOf(error) === 'ENOENT' ? 'does not exist' : codeOf(error) ? 'cannot be read' : 'is not JSON';
    throw new CliError(`the connection file ${path} ${why}`, '`npm start` writes one; name it with --connection FILE');
  }
  return { file: path, ...connectionIn(content, path) };
}

function findUpwards(cwd: string): string {
  for (let dir = resolve(cwd); ; dir = dirname(dir)) {
    const path = join(dir, usual);
    if (existsSync(path)) return path;
    if (dirname(dir) === dir)
      throw new CliError(
        `no connection file: there is no ${usual} here or above`,
        '`npm start` writes it, or name one with --connection FILE or GOVBUS_CONNECTION',
      );
  }
}

function connectionIn(content: unknown, path: string): Omit<Connection, 'file'> {
  const { urls, secrets, issuer, logKey } = isRecord(content) ? content : {};
  const missing = serviceNames.filter((name) => !isRecord(urls) || !isHttp(urls[name])).map((name) => `urls.${name}`);
  const known: Record<string, string> = {};
  if (!isRecord(secrets)) missing.push('secrets');
  else for (const [id, secret] of Object.entries(secrets)) if (typeof secret === 'string') known[id] = secret;
  if (issuer !== undefined && !isHttp(issuer)) missing.push('issuer');
  if (missing.length > 0 || !isRecord(urls))
    throw new CliError(`the connection file ${path} lacks ${missing.join(', ')}`, '`npm start` writes a whole one');
  const urlOf = (name: ServiceName): string => String(urls[name]).replace(/\/+$/, '');
  return {
    urls: {
      departments: urlOf('departments'),
      'data-catalog': urlOf('data-catalog'),
      exchange: urlOf('exchange'),
      'case-routing': urlOf('case-routing'),
      audit: urlOf('audit'),
    },
    secrets: known,
    ...(typeof issuer === 'string' && { issuer }),
    ...(typeof logKey === 'string' && { logKey }),
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isHttp = (value: unknown): boolean => typeof value === 'string' && /^https?:\/\/[^/]/.test(value);
