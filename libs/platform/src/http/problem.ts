import { DomainError, type ErrorKind, type Fault } from '@govbus/contracts';
import { isTransient } from '@govbus/messaging';
import { HttpException } from '@nestjs/common';

/** RFC 9457 problem details, with a stable `code` and what govbus adds. */
export type ProblemDocument = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  traceId?: string;
  faults?: Fault[];
  explanation?: Record<string, unknown>;
};
/** A problem ready to be sent. */
export type Problem = { status: number; body: ProblemDocument; headers: Record<string, string> };

/** A refusal that only the edge makes: 401, 403 for a missing scope, 405, 408, 413, 415, 417, 422, 428, 429, 431. */
export class EdgeError extends Error {
  constructor(
    readonly status: 400 | 401 | 403 | 404 | 405 | 408 | 413 | 415 | 417 | 422 | 428 | 429 | 431,
    readonly code: string,
    message: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
    this.name = 'EdgeError';
  }
}

const statusOf: Record<ErrorKind, number> = {
  invalid: 400,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  stale: 412,
  unavailable: 503,
  limited: 429,
};
const titles: Record<number, string> = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Too slow',
  409: 'Conflict',
  412: 'Precondition failed',
  413: 'Too large',
  415: 'Media type not supported',
  417: 'Expectation not met',
  422: 'Not processable',
  428: 'Precondition required',
  429: 'Too many requests',
  431: 'Headers too large',
  500: 'Internal error',
  503: 'Try again later',
};
// What Fastify refuses before a handler runs.
const fastifyErrors: Record<string, [400 | 413 | 415, string, string]> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'body.too-large', 'the body is larger than this route takes'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'media-type.unsupported', 'the content type is not one this route takes'],
  FST_ERR_CTP_EMPTY_JSON_BODY: [400, 'body.malformed', 'the body is empty'],
  FST_ERR_CTP_INVALID_JSON_BODY: [400, 'body.malformed', 'the body is not JSON'],
  FST_ERR_MAX_PARAM_LENGTH: [400, 'request.invalid', 'a part of the address is too long'],
  FST_ERR_BAD_URL: [400, 'request.invalid', 'the address is not well-formed'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'body.malformed', 'the body is not as long as its content-length says'],
};

function problem(
  status: number,
  code: string,
  detail: string,
  more: Partial<ProblemDocument> = {},
  headers: Record<string, string> = {},
): Problem {
  const title = titles[status] ?? 'Problem';
  return { status, body: { type: `urn:govbus:problem:${code}`, title, status, detail, code, ...more }, headers };
}

/**
 * The problem document of any error; the Nest filter and the hot route both use it.
 *
 * Shape: a database that does not answer is 503 `database.away`; what else is not a known refusal becomes 500 `internal`
 *   without any of the error's text.
 * Source: RFC 9457.
 */
export function problemOf(error: unknown): Problem {
  if (error instanceof DomainError) {
    const { faults, explanation, retryAfterSeconds } = error.details;
    const headers: Record<string, string> =
      retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
    return problem(statusOf[error.kind], error.code, error.message, { faults, explanation }, headers);
  }
  if (error instanceof EdgeError) return problem(error.status, error.code, error.message, {}, error.headers);
  const known = fastifyErrors[(error as { code?: string } | null)?.code ?? ''];
  if (known) return problem(...known);
  if (error instanceof SyntaxError && (error as { statusCode?: number }).statusCode === 400)
    return problem(400, 'body.malformed', 'the body is not JSON');
  if (error instanceof HttpException) {
    const status = error.getStatus();
    const body = error.getResponse();
    if (status === 413) return problem(413, 'body.too-large', 'the body is larger than this route takes');
    if (status === 415) return problem(415, 'media-type.unsupported', 'the content type is not one this route takes');
    if (status === 400 && isOfBody(error)) return problem(400, 'body.malformed', 'the body is not JSON');
    if (status === 404) return problem(404, 'route.unknown', 'there is nothing at this address');
    if (status === 503 && typeof body === 'object' && 'details' in body)
      return problem(503, 'service.not-ready', `not ready: ${missing(body)}`);
    if (status < 500) return problem(status, 'request.invalid', error.message);
  }
  if (isTransient(error))
    return problem(503, 'database.away', 'the database does not answer now', {}, { 'retry-after': '1' });
  return problem(500, 'internal', 'something went wrong here; it is in the log under the trace id');
}

// Nest wraps what Fastify's parser throws; its text names the parser's complaint and nothing of ours does.
const isOfBody = (error: HttpException): boolean => /JSON|body|Content-Length/i.test(error.message);
function missing(health: { details?: unknown }): string {
  const states = Object.entries((health.details ?? {}) as Record<string, { status?: string }>);
  return states.flatMap(([name, { status }]) => (status === 'up' ? [] : [name])).join(', ');
}
