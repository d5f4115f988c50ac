import type { ProblemDocument } from '../http/problem';
import type { JsonSchema } from './class-schema';

const properties: Record<keyof ProblemDocument, JsonSchema> = {
  type: { type: 'string', format: 'uri', description: '`urn:govbus:problem:<code>`' },
  title: { type: 'string' },
  status: { type: 'integer', minimum: 400, maximum: 599 },
  detail: { type: 'string' },
  code: { type: 'string', description: 'stable, `<noun>.<reason>`; see problems.md' },
  traceId: { type: 'string', description: 'the request in the logs and in the audit log' },
  faults: {
    type: 'array',
    description: 'what is wrong inside the request, one for each place and rule',
    items: {
      type: 'object',
      properties: {
        pointer: { type: 'string', description: 'RFC 6901' },
        code: { type: 'string' },
        detail: { type: 'string' },
      },
      required: ['pointer', 'code', 'detail'],
    },
  },
  explanation: { type: 'object', additionalProperties: true, description: 'why a decision is a denial' },
};

/** Every problem's schema. Source: RFC 9457. */
export const problemSchema: JsonSchema = {
  type: 'object',
  properties,
  required: ['type', 'title', 'status', 'detail', 'code'],
};

type Headers = Record<string, { description: string; schema: { type: string } }>;
const retryAfter: Headers = { 'Retry-After': { description: 'seconds', schema: { type: 'integer' } } };
const challenge: Headers = { 'WWW-Authenticate': { description: 'RFC 6750', schema: { type: 'string' } } };
const answers: Record<number, { name: string; description: string; headers?: Headers }> = {
  400: { name: 'Invalid', description: 'the request is wrong; sending it again unchanged cannot succeed' },
  401: { name: 'NotAuthenticated', description: 'no valid access token', headers: challenge },
  403: { name: 'Forbidden', description: 'the scope is missing, or the decision is a denial' },
  404: { name: 'NotFound', description: 'not there, or not for the caller to know' },
  409: { name: 'Conflict', description: 'the state does not allow it' },
  412: { name: 'Stale', description: '`If-Match` names an older version' },
  413: { name: 'TooLarge', description: 'the body is larger than this route takes' },
  415: { name: 'MediaType', description: 'the content type is not one this route takes' },
  422: { name: 'NotProcessable', description: 'the idempotency key was used with another request' },
  429: { name: 'Limited', description: 'what may be used is used up for now', headers: retryAfter },
  500: { name: 'Internal', description: 'a fault here; it is in the log under the trace id' },
  503: { name: 'Unavailable', description: 'something that is needed does not answer: try again', headers: retryAfter },
};
/** A status that is answered with a problem document. */
export type ProblemStatus = 400 | 401 | 403 | 404 | 409 | 412 | 413 | 415 | 422 | 429 | 500 | 503;

const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemDocument' } } };
/** `components.responses` of every document: one for each status that is a problem. */
export const problemResponses = Object.fromEntries(
  Object.values(answers).map(({ name, description, headers }) => [
    name,
    { description, ...(headers && { headers }), content },
  ]),
);

/** The `responses` of an operation that answers these statuses with problems. */
export const problemsOf = (...statuses: ProblemStatus[]): Record<string, { $ref: string }> =>
  Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/${answers[status]?.name}` }]));
