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
      source: text,
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
const problem = object(
  {
    code: { type: 'string' },
    detail: { type: 'string' },
    faults: { type: 'array', items: fault },
    explanation: { type: 'object', additionalProperties: true },
  },
  'code',
  'detail',
);

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
        accepted: { type: 'integer', minimum: 0 },
        refused: { type: 'integer', minimum: 0 },
        results: {
          type: 'array',
          description: 'one for each event, in their order',
          items: object(
            {
              index: { type: 'integer', minimum: 0 },
              id: { type: 'string', description: 'of a refused event only where it is well-formed' },
              status: { enum: ['accepted', 'refused'] },
              problem,
            },
            'index',
            'status',
          ),
        },
      },
      'accepted',
      'refused',
      'results',
    ),
  },
  paths: {
    '/v1/events': {
      post: {
        operationId: 'publishEvents',
        summary: 'Publish an event, or a batch of them',
        description: 'An accepted event is on disk. Needs the scope `events:publish`.',
        tags: ['Ingest'],
        security: [{ oauth2: ['events:publish'] }],
        requestBody: {
          required: true,
          content: {
            'application/cloudevents+json': { schema: ref('PublishedEvent') },
            'application/json': { schema: ref('PublishedEvent') },
            'application/cloudevents-batch+json': {
              schema: { type: 'array', items: ref('PublishedEvent'), minItems: 1, maxItems: maxBatchEvents },
            },
          },
        },
        responses: {
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
          ...problemsOf(400, 401, 403, 404, 413, 415, 500, 503),
        },
      },
    },
  },
};
