// What the Dockerfile names must be there: stages, copied sources, the files that are run, a user, a health check.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runtime } from '../runtime.ts';

const runsAs = `[${['node', ...runtime.flags].map((part) => `"${part}"`).join(', ')}]`;

type Instruction = { name: string; rest: string };

/** Every fault of a Dockerfile whose build context is `root`. */
export function dockerfileFaults(text: string, root: string): string[] {
  const faults: string[] = [];
  const stages: string[] = [];
  let user = 'root';
  let hasHealthCheck = false;
  let entryPoint = '';
  let settings: string[] = [];
  for (const { name, rest } of instructionsOf(text)) {
    if (name === 'FROM') {
      const [, image = '', stage = ''] = /^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(rest) ?? [];
      if (!/^[\w./-]+:[\w.-]+$/.test(image)) faults.push(`FROM ${image}: no fixed tag`);
      stages.push(stage);
      [user, hasHealthCheck, entryPoint, settings] = ['root', false, '', []];
    }
    if (name === 'USER') user = rest;
    if (name === 'HEALTHCHECK') hasHealthCheck = rest.includes('/health/live');
    if (name === 'ENTRYPOINT') entryPoint = rest;
    if (name === 'ENV') settings.push(...rest.split(/\s+/));
    if (name === 'COPY') faults.push(...copyFaults(rest, stages, root));
    if (name === 'ENV' && /password|secret|token/i.test(rest))
      faults.push(`ENV ${rest.split('=')[0]}: a secret in the image`);
  }
  if (user === 'root') faults.push('the image runs as root');
  if (entryPoint !== runsAs) faults.push(`ENTRYPOINT ${entryPoint}: must be ${runsAs} (tools/runtime.ts)`);
  for (const [name, value] of Object.entries(runtime.env))
    if (!settings.includes(`${name}=${value}`)) faults.push(`ENV: lacks ${name}=${value} (tools/runtime.ts)`);
  if (!hasHealthCheck) faults.push('the image has no health check on /health/live');
  return faults;
}

function instructionsOf(text: string): Instruction[] {
  const lines = text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n/g, ' ')
    .split('\n');
  return lines.flatMap((line) => {
    const [, name, rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? [];
    return name ? [{ name, rest: rest.trim() }] : [];
  });
}

function copyFaults(rest: string, stages: string[], root: string): string[] {
  const [, from] = /--from=(\S+)/.exec(rest) ?? [];
  const sources = rest
    .split(/\s+/)
    .filter((part) => !part.startsWith('--'))
    .slice(0, -1);
  if (from && !stages.slice(0, -1).includes(from)) return [`COPY --from=${from}: no such stage before it`];
  return sources.flatMap((source) => {
    const path = from ? source.replace(/^\/govbus\//, '') : source;
    return existsSync(join(root, path)) ? [] : [`COPY ${source}: is not there`];
  });
}
