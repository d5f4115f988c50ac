import type { OpenAPIObject } from '@nestjs/swagger';
import type { Handler } from './handlers';
import { nameOf } from './operation-name';
import { problemsOf, type ProblemStatus } from './problem-schema';

export type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Parameter = Extract<NonNullable<Operation['parameters']>[number], { in: unknown }>;

const texts: Record<string, string> = { 200: 'done', 201: 'created', 204: 'done; no body' };
const formats: Record<string, object> = {
  ParseUUIDPipe: { type: 'string', format: 'uuid' },
  ParseIntPipe: { type: 'integer' },
};
const ifMatch: Parameter = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description: 'ETag of the version that was read; absent: whichever is there',
  schema: { type: 'string' },
};
const etag = { ETag: { description: 'version of the entity', schema: { type: 'string' } } };
const next = { Link: { description: '`rel="next"` while there is more (RFC 8288)', schema: { type: 'string' } } };

type At = { path: string; verb: string; handler: Handler; isPage: (response: unknown) => boolean };

/** Completes an operation with what the code says of it: name, scopes, parameters, headers, problems. */
export function complete(operation: Operation, at: At): void {
  const { path, verb, handler, isPage } = at;
  const name = nameOf(path, handler.method);
  operation.operationId = handler.explicitId ?? name.operationId;
  operation.summary = operation.summary || name.summary;
  const parameters = (operation.parameters ?? []).filter((parameter): parameter is Parameter => 'in' in parameter);
  if (handler.takesIfMatch) parameters.push(ifMatch);
  parameters.forEach((parameter) => completeParameter(parameter, handler));
  operation.parameters = parameters;
  secure(operation, handler);
  for (const [status, response] of Object.entries(operation.responses)) {
    if (!response || '$ref' in response) continue;
    response.description ||= texts[status] ?? 'answered';
    if (Number(status) >= 300) continue;
    if (handler.takesIfMatch && status !== '204') response.headers = { ...response.headers, ...etag };
    if (isPage(response)) response.headers = { ...response.headers, ...next };
  }
  const hasBody = operation.requestBody !== undefined;
  const writes = verb !== 'get';
  const problems: [ProblemStatus, boolean][] = [
    // On every route: an address or a query may hold what is no text.
    [400, true],
    [401, handler.access !== 'public'],
    [403, handler.access !== 'public' && handler.access !== 'any'],
    [404, path.includes('{') || hasBody],
    // Of what only reads, where the handler says so (`ApiConflictResponse`).
    [409, writes || isBare(operation.responses['409'])],
    [412, handler.takesIfMatch],
    [413, hasBody],
    [415, hasBody],
    // Where the handler says so (`ApiTooManyRequestsResponse`): most routes know no limits.
    [429, '429' in operation.responses],
    [500, true],
    [503, true],
  ];
  const given = problems.flatMap(([status, isGiven]) => (isGiven ? [status] : []));
  // The one filter makes problems of all errors, whatever a library says of its own.
  operation.responses = { ...operation.responses, ...problemsOf(...given) };
}

// Whoever describes more than that it may happen has a description of its own.
const isBare = (response: object | undefined): boolean => response !== undefined && !('content' in response);

function completeParameter(parameter: Parameter, handler: Handler): void {
  const format = handler.parsers.get(parameter.name)?.flatMap((pipe) => formats[pipe] ?? [])[0];
  if (parameter.in === 'path' && format) parameter.schema = format;
}

function secure(operation: Operation, { access }: Handler): void {
  if (access === 'public') {
    operation.security = [];
    return;
  }
  const scopes = Array.isArray(access) ? access : [];
  operation.security = scopes.length > 0 ? scopes.map((scope) => ({ oauth2: [scope] })) : [{ oauth2: [] }];
  if (scopes.length === 0) return;
  const needed = `Needs the scope ${scopes.map((scope) => `\`${scope}\``).join(' or ')}.`;
  operation.description = operation.description ? `${operation.description} ${needed}` : needed;
}
