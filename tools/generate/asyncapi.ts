// docs/reference/asyncapi.json: AsyncAPI 3.1 of the topics, from the contracts that the code validates with.
import type { BusEvent } from '@govbus/contracts';
import { type JsonSchema, schemasOf } from '@govbus/platform';
import { departmentChannels, departmentMessages, departmentOperations } from './department-topics.ts';
import { keyOf, writersOf } from './topics.ts';
import { type AnyContract, contracts, type Document, topics } from './workspace.ts';

const text: JsonSchema = { type: 'string' };
const time: JsonSchema = { type: 'string', format: 'date-time' };
const busEvent: Record<keyof BusEvent, JsonSchema> = {
  specversion: { const: '1.0' },
  id: text,
  source: text,
  type: text,
  time,
  subject: text,
  datacontenttype: text,
  dataschema: text,
  data: {
    type: 'object',
    additionalProperties: true,
    description: 'checked against the schema version of the dataset',
  },
  dataset: { ...text, description: 'the dataset it belongs to' },
  publisher: { ...text, description: 'the system that published it' },
  recordedtime: { ...time, description: 'when the exchange took it' },
  tombstone: { const: true, description: 'the record under the key in `data` is removed' },
  schemaversion: { type: 'integer', minimum: 0, description: '0 for a tombstone' },
  digest: { ...text, pattern: '^[0-9a-f]{64}$', description: "SHA-256 of the canonical JSON of the publisher's event" },
  traceparent: text,
};
const ofBusAlone = ['dataset', 'publisher', 'recordedtime', 'schemaversion', 'digest'];
const contentType = 'application/cloudevents+json';

export function asyncApiDocument(): Document {
  const own = Object.fromEntries(topics().map((spec) => [spec.topic, channelOf(spec.topic, spec.partitions)]));
  const channels = { ...own, ...departmentChannels() };
  const messages = {
    ...Object.fromEntries([...contracts.map(messageOf), ['bus.event', busMessage]]),
    ...departmentMessages,
  };
  const document = {
    asyncapi: '3.1.0',
    info: {
      title: 'govbus topics',
      version: '1',
      description:
        'The messages between the services of govbus, and the topics on which departments publish (`inbox`) and receive ' +
        '(`share`). Everything else departments do over HTTP (openapi/).',
    },
    defaultContentType: contentType,
    servers: { local: { host: '127.0.0.1:19092', protocol: 'kafka', description: 'a local installation (npm start)' } },
    channels,
    operations: Object.fromEntries([...operations(), ...departmentOperations()]),
    components: { messages, schemas: schemasOf(contracts.map(({ data }) => data)) },
  };
  return { path: 'docs/reference/asyncapi.json', text: `${JSON.stringify(document, null, 2)}\n` };
}

const typesOn = (topic: string): string[] => [
  ...contracts.filter((contract) => contract.topic === topic).map(({ type }) => type),
  ...(topic === 'bus.events' ? ['bus.event'] : []),
];

function channelOf(topic: string, partitions: number): object {
  const messages = Object.fromEntries(typesOn(topic).map((type) => [type, { $ref: `#/components/messages/${type}` }]));
  return { address: topic, messages, bindings: { kafka: { topic, partitions, bindingVersion: '0.5.0' } } };
}

/** Sending, by topic and service; who reads is free to change. */
function operations(): [string, object][] {
  return topics().flatMap(({ topic }) => {
    const bySender = new Map<string, string[]>();
    const add = (service: string, type: string) => bySender.set(service, [...(bySender.get(service) ?? []), type]);
    for (const contract of contracts.filter((found) => found.topic === topic))
      for (const service of writersOf(contract)) add(service, contract.type);
    if (topic === 'bus.events') add('exchange', 'bus.event');
    return [...bySender].map(([service, types]): [string, object] => [
      `${service}.send.${topic}`,
      {
        action: 'send',
        channel: { $ref: `#/channels/${topic}` },
        summary: `${service} sends`,
        messages: types.map((type) => ({ $ref: `#/channels/${topic}/messages/${type}` })),
      },
    ]);
  });
}

const bindingsOf = (key: string): object => ({
  kafka: { key: { type: 'string', description: key }, bindingVersion: '0.5.0' },
});

function messageOf(contract: AnyContract): [string, object] {
  const payload = {
    type: 'object',
    properties: {
      specversion: { const: '1.0' },
      id: text,
      source: text,
      type: { const: contract.type },
      time,
      subject: text,
      datacontenttype: { const: 'application/json' },
      data: { $ref: `#/components/schemas/${contract.data.name}` },
      traceparent: text,
      correlationid: text,
      causationid: text,
    },
    required: ['specversion', 'id', 'source', 'type', 'time', 'data'],
  };
  const summary = contract.kind === 'record' ? 'whole snapshot with a rising `version`' : 'fact';
  return [contract.type, { name: contract.type, contentType, summary, payload, bindings: bindingsOf(keyOf(contract)) }];
}

const busMessage = {
  name: 'bus.event',
  contentType,
  summary: 'an accepted event: what its publisher sent, and what the exchange knows of it',
  payload: {
    type: 'object',
    properties: busEvent,
    required: ['specversion', 'id', 'source', 'type', 'data', ...ofBusAlone],
    additionalProperties: true,
  },
  bindings: bindingsOf('<dataset>'),
};
