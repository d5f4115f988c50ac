import { maxBatchEvents, maxEventBytes } from '@govbus/contracts';
import { type JsonSchema, problemsOf, type RouteDocument } from '@govbus/platform';
import { maxAttributeLength } from './cloud-event';

const text: JsonSchema = { type: 'string', minLength: 1, maxLength: maxAttributeLength };
const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });
const object = (properties: Record<string, JsonSchema>, ...required: string[]): JsonSchema => ({
  type: 'object',
  properties,
  required,
});
const json = (name: string): object => ({ 'application/json': { schema: ref(name) } });

const event: JsonSchema = {
  ...object(
    {
      specversion: { const: '1.0' },
      id: text,
      source: { ...text, format: 'uri-reference' },
      type: text,
      dataset: {
        type: 'string',
        description: 'id of the dataset that the event belongs to',
        examples: ['water-leaks'],
      },
      time: { type: 'string', format: 'date-time' },
      subject: text,
      datacontenttype: { ...text, description: 'a JSON media type' },
      dataschema: { ...text, description: 'schema version to be checked against; absent: the newest' },
      data: { type: 'object', additionalProperties: true },
    },
    'specversion',
    'id',
    'source',
    'type',
    'dataset',
    'data',
  ),
  additionalProperties: { type: ['string', 'integer', 'boolean', 'null'] },
  description: `CloudEvents 1.0, structured JSON, at most ${maxEventBytes} bytes`,
};
const fault = object(
  { pointer: { type: 'string' }, code: { type: 'string' }, detail: { type: 'string' } },
  'pointer',
  'code',
  'detail',
);
const eventProblem = object(
  {
    code: { type: 'string' },
    detail: { type: 'string' },
    faults: { type: 'array', items: fault },
    explanation: { type: 'object', additionalProperties: true },
  },
  'code',
  'detail',
);

const refusedId = { type: 'string', description: 'of a refused event only where it is well-formed' };
const index: JsonSchema = { type: 'integer', minimum: 0 };
const results: JsonSchema = {
  type: 'array',
  description: 'one for each event, in their order',
  items: object(
    {
      index,
      id: refusedId,
      status: {
        enum: ['accepted', 'refused', 'withheld'],
        description: '`withheld`: good, and not sent for the others',
      },
      problem: eventProblem,
    },
    'index',
    'status',
  ),
};
const count = { accepted: index, refused: index };
const lineAnswer: JsonSchema = {
  description: 'a line of the answer to a stream: for each event, and a summary as the last',
  oneOf: [
    object(
      {
        index: { ...index, description: 'number of its line, from 0' },
        id: refusedId,
        status: { enum: ['accepted', 'refused'] },
        problem: eventProblem,
      },
      'index',
      'status',
    ),
    object(
      { ...count, problem: { ...eventProblem, description: 'why the stream ended early' } },
      'accepted',
      'refused',
    ),
  ],
};

const data: JsonSchema = { type: 'object', additionalProperties: true };
const lines = { schema: { type: 'string', description: 'a `PublishedEvent` on each line' } };
const header = (name: string, description: string, example?: string): object => ({
  name,
  in: 'header',
  description,
  schema: { type: 'string' },
  ...(example !== undefined && { example }),
});
const parameters = [
  {
    name: 'atomic',
    in: 'query',
    description: 'of a batch, accept all events or none',
    schema: { type: 'boolean', default: false },
  },
  header('Prefer', '`handling=strict` means the same as `atomic=true`'),
  header(
    'Idempotency-Key',
    'a repeated request is answered as the first was, for a day, and not published again; not for a stream',
  ),
  header('Content-Encoding', '`gzip`, `deflate` or `br`; the limits are for what it inflates to'),
  header('ce-specversion', 'binary mode: `1.0`'),
  header('ce-id', 'binary mode; this and the other attributes are percent-encoded UTF-8'),
  header('ce-source', 'binary mode'),
  header('ce-type', 'binary mode'),
  header('ce-dataset', 'binary mode; other attributes go in `ce-` headers like these'),
];

/** `POST /v1/events` in the OpenAPI document. */
export const ingestDocument: RouteDocument = {
  schemas: {
    PublishedEvent: event,
    EventReceipt: object(
      {
        id: { type: 'string' },
        source: { type: 'string' },
        dataset: { type: 'string' },
        status: { const: 'accepted' },
      },
      'id',
      'source',
      'dataset',
      'status',
    ),
    BatchReceipt: object(
      {
        ...count,
        results,
      },
      'accepted',
      'refused',
      'results',
    ),
    StreamAnswer: lineAnswer,
    BatchProblem: { allOf: [ref('ProblemDocument'), { type: 'object', properties: { results } }] },
  },
  paths: {
    '/v1/events': {
      post: {
        operationId: 'publishEvents',
        summary: 'Publish an event, or a batch of them',
        description:
          'An accepted event is on disk. Needs the scope `events:publish`. The content type says how events come: one as ' +
          'JSON, a batch, a stream of lines, or (binary mode) attributes in `ce-` headers and any JSON type as the body. ' +
          'What is left of the limits of the system stands in `RateLimit-Policy` and `RateLimit`.',
        tags: ['Ingest'],
        security: [{ oauth2: ['events:publish'] }],
        parameters,
        requestBody: {
          required: true,
          content: {
            'application/cloudevents+json': { schema: ref('PublishedEvent') },
            'application/json': { schema: { anyOf: [ref('PublishedEvent'), data] } },
            'application/*+json': { schema: data },
            'application/x-ndjson': lines,
            'application/jsonl': lines,
            'application/cloudevents-batch+json': {
              schema: { type: 'array', items: ref('PublishedEvent'), maxItems: maxBatchEvents },
            },
          },
        },
        responses: {
          200: {
            description: 'of a stream, an answer for each line, sent as soon as its event is acknowledged',
            content: { 'application/x-ndjson': { schema: ref('StreamAnswer') } },
          },
          202: {
            description: 'all are accepted',
            content: {
              'application/json': { schema: { oneOf: [ref('EventReceipt'), ref('BatchReceipt')] } },
            },
          },
          207: {
            description: 'of a batch, some are accepted and some, or all, are refused',
            content: json('BatchReceipt'),
          },
          400: {
            description: 'wrong, or a batch of which all or nothing was asked (`batch.refused`, with `results`)',
            content: { 'application/problem+json': { schema: ref('BatchProblem') } },
          },
          ...problemsOf(401, 403, 404, 409, 413, 415, 422, 429, 500, 503),
        },
      },
    },
  },
};
