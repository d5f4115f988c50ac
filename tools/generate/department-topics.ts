// The topics between the exchange and the departments, one for each system or subscription: templates in AsyncAPI.
import type { DeliveredEvent } from '@govbus/contracts';
import type { JsonSchema } from '@govbus/platform';

const text: JsonSchema = { type: 'string' };
const time: JsonSchema = { type: 'string', format: 'date-time' };
const contentType = 'application/cloudevents+json';
const bindings = (key: string): object => ({
  kafka: { key: { type: 'string', description: key }, bindingVersion: '0.5.0' },
});

const delivered: Record<keyof DeliveredEvent, JsonSchema> = {
  specversion: { const: '1.0' },
  id: { ...text, description: "position in the dataset's ledger, dense from 1" },
  source: { ...text, description: '/datasets/<datasetId>' },
  type: { enum: ['exchange.record-shared.v1', 'exchange.record-removed.v1'] },
  time,
  datacontenttype: { const: 'application/json' },
  sequence: { ...text, pattern: '^\\d{16}$' },
  data: { type: 'object', additionalProperties: true, description: 'the granted fields, masked' },
};

const published = {
  specversion: { const: '1.0' },
  ...{ id: text, source: text, type: text, time, subject: text, dataschema: text },
  dataset: { ...text, description: 'the dataset it is for' },
  tombstone: { const: true, description: 'the record under the key in `data` is removed' },
  data: { type: 'object', additionalProperties: true },
};

export const departmentMessages: Record<string, object> = {
  'department.published': {
    name: 'department.published',
    contentType,
    summary: 'a CloudEvent in structured mode, or in binary mode with `ce_` headers',
    payload: {
      type: 'object',
      properties: published,
      required: ['specversion', 'id', 'source', 'type', 'dataset', 'data'],
    },
    bindings: bindings('any; it orders the events'),
  },
  'exchange.refused': {
    name: 'exchange.refused',
    contentType,
    summary: 'what was refused: key and value as they came, the reason in the headers',
    headers: {
      type: 'object',
      properties: { code: text, detail: text, 'origin-offset': text, traceparent: text },
      required: ['code', 'detail', 'origin-offset'],
    },
    payload: {},
    bindings: bindings('as it came'),
  },
  'exchange.shared': {
    name: 'exchange.shared',
    contentType,
    summary: 'a record through the lens of an agreement',
    payload: { type: 'object', properties: delivered, required: Object.keys(delivered) },
    bindings: bindings("the record's key as the agreement shows it, or a pseudonym"),
  },
};

type Channel = { address: string; parameter: string; of: string; message: string; exchange: 'send' | 'receive' };
const channels: Record<string, Channel> = {
  inbox: {
    address: 'inbox.{system}',
    parameter: 'system',
    of: 'id of the system',
    message: 'department.published',
    exchange: 'receive',
  },
  'inbox.rejected': {
    address: 'inbox.{system}.rejected',
    parameter: 'system',
    of: 'id of the system',
    message: 'exchange.refused',
    exchange: 'send',
  },
  share: {
    address: 'share.{subscription}',
    parameter: 'subscription',
    of: 'id of the subscription',
    message: 'exchange.shared',
    exchange: 'send',
  },
};

export const departmentChannels = (): Record<string, object> =>
  Object.fromEntries(
    Object.entries(channels).map(([name, { address, parameter, of, message }]) => [
      name,
      {
        address,
        parameters: { [parameter]: { description: of } },
        messages: { [message]: { $ref: `#/components/messages/${message}` } },
      },
    ]),
  );

export const departmentOperations = (): [string, object][] =>
  Object.entries(channels).map(([name, { message, exchange }]) => [
    `exchange.${exchange}.${name}`,
    {
      action: exchange,
      channel: { $ref: `#/channels/${name}` },
      summary: `exchange ${exchange}s`,
      messages: [{ $ref: `#/channels/${name}/messages/${message}` }],
    },
  ]);
