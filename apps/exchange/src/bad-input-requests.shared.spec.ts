import { type Agent, request } from 'node:http';
import { hostileBodies, hostileJson, hostileTexts, planted } from './bad-input-values.shared.spec';

type Parameter = { name: string; in: 'path' | 'query' | 'header' };
type Schema = { $ref?: string; properties?: Record<string, Schema> };
type Described = {
  operationId: string;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, object>;
};
/** What is read of an OpenAPI document. */
export type Document = {
  paths: Record<string, Record<string, unknown>>;
  components?: { schemas?: Record<string, unknown> };
};
export type Operation = {
  id: string;
  method: string;
  path: string;
  parameters: Parameter[];
  /** Content types of its body; none without a body. */
  types: string[];
  /** Names in its body, as documented. */
  members: string[];
  /** The statuses that are documented. */
  statuses: number[];
};
export type HostileRequest = {
  name: string;
  operation: Operation;
  url: string;
  headers: Record<string, string>;
  body?: Buffer;
  /** Whether a refusal may name what was sent: identifiers of the address, and names of members. */
  isNamed: boolean;
};
export type Answer = { status: number; type: string; text: string };

/** The operations of a document, in its order. */
export function operationsOf({ paths, components }: Document): Operation[] {
  return Object.entries(paths).flatMap(([path, verbs]) =>
    Object.entries(verbs).map(([verb, described]) => {
      const { operationId: id, parameters = [], requestBody, responses } = described as Described;
      const content = requestBody?.content ?? {};
      const schemas = Object.values(content).map(({ schema }) => schema);
      return {
        id,
        method: verb.toUpperCase(),
        path,
        parameters,
        types: Object.keys(content).map((type) => type.replace('*', 'x')),
        members: schemas.flatMap((schema) => Object.keys(resolved(schema, components?.schemas).properties ?? {})),
        statuses: Object.keys(responses).map(Number),
      };
    }),
  );
}

function resolved({ $ref, ...schema }: Schema, schemas: Record<string, unknown> = {}): Schema {
  const name = $ref?.split('/').at(-1);
  return name === undefined ? schema : ((schemas[name] ?? {}) as Schema);
}

/** Good values, without which everything would be refused for the first thing that is wrong. */
export type Good = {
  authorization: string;
  /** By `<first part of the path>.<parameter>`, such as `subscriptions.id`. */
  path: Record<string, string>;
  /** By operation. */
  bodies: Record<string, object>;
};

/** Hostile requests to an operation, one thing wrong in each; the same for the same numbers from `random`. */
export class HostileRequests {
  constructor(
    private readonly good: Good,
    private readonly random: () => number,
  ) {}

  /** All that is tried on an operation, in an order by chance. */
  of(operation: Operation): HostileRequest[] {
    const all = [...this.addresses(operation), ...this.queries(operation), ...this.headers(operation)];
    if (operation.types.length > 0) all.push(...this.members(operation), ...this.bodies(operation));
    return all
      .map((hostile) => ({ hostile, at: this.random() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ hostile }) => hostile);
  }

  private addresses(operation: Operation): HostileRequest[] {
    const names = operation.parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
    return names.flatMap((name) =>
      this.some(hostileTexts.slice(1), 14).map((text) =>
        this.request(operation, `${name} in the path`, { path: { [name]: text } }),
      ),
    );
  }

  private queries(operation: Operation): HostileRequest[] {
    const names = operation.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
    const unknown = ['surplus', '__proto__[x]', 'constructor', 'limit[]', 'limit[$gt]', 'surplus\0'];
    return [
      ...names.flatMap((name) =>
        this.some(hostileTexts, 20).map((text) => this.request(operation, `${name}=`, { query: [[name, text]] })),
      ),
      ...names.map((name) =>
        this.request(operation, `${name} twice`, {
          query: [
            [name, '1'],
            [name, planted],
          ],
        }),
      ),
      ...unknown.map((name) => this.request(operation, 'a query unasked for', { query: [[name, planted]] })),
    ];
  }

  private headers(operation: Operation): HostileRequest[] {
    const named = operation.parameters.filter((parameter) => parameter.in === 'header').map(({ name }) => name);
    const everywhere = [
      'authorization',
      'traceparent',
      'idempotency-key',
      'accept',
      'last-event-id',
      'x-forwarded-for',
    ];
    return [...new Set([...named, ...everywhere].map((name) => name.toLowerCase()))].flatMap((name) =>
      this.some(hostileTexts, 8).map((text) => this.request(operation, name, { headers: { [name]: text } })),
    );
  }

  private members(operation: Operation): HostileRequest[] {
    const sample = this.good.bodies[operation.id] ?? {};
    const names = new Set([...Object.keys(sample), ...operation.members]);
    const bodies = [...names].flatMap((name) => [
      ...this.some(hostileJson, 12).map(({ name: what, json }) => ({
        what: `${name}: ${what}`,
        ...put(sample, name, json),
      })),
      { what: `no ${name}`, ...put(sample, name) },
      { what: `${name} twice`, text: `${JSON.stringify(sample).slice(0, -1)},"${name}":"${planted}"}` },
    ]);
    bodies.push({ what: 'a member unasked for', ...put(sample, 'surplus', `"${planted}"`) });
    return bodies.map(({ what, text }) => this.request(operation, what, { body: Buffer.from(text) }));
  }

  private bodies(operation: Operation): HostileRequest[] {
    return hostileBodies.map(({ name, bytes, type, encoding }) => {
      const headers = { ...(type && { 'content-type': type }), ...(encoding && { 'content-encoding': encoding }) };
      return this.request(operation, `the body is ${name}`, { body: bytes, headers });
    });
  }

  private some<T>(all: readonly T[], count: number): T[] {
    const from = Math.floor(this.random() * all.length);
    return Array.from({ length: Math.min(count, all.length) }, (_, i) => all[(from + i) % all.length]).filter(
      (item) => item !== undefined,
    );
  }

  private request(
    operation: Operation,
    what: string,
    bad: { path?: Record<string, string>; query?: [string, string][]; headers?: Record<string, string>; body?: Buffer },
  ): HostileRequest {
    const { id, types, path } = operation;
    const folder = path.split('/')[2] ?? '';
    const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      escaped(bad.path?.[name] ?? this.good.path[`${folder}.${name}`] ?? '00000000-0000-4000-8000-000000000000'),
    );
    const query = (bad.query ?? []).map(([name, value]) => `${escaped(name)}=${escaped(value)}`).join('&');
    const body = bad.body ?? (types.length > 0 ? Buffer.from(JSON.stringify(this.good.bodies[id] ?? {})) : undefined);
    const type = types[Math.floor(this.random() * types.length)];
    const headers = { authorization: this.good.authorization, ...(type && { 'content-type': type }), ...bad.headers };
    const sendable = Object.entries(headers).map(([name, value]) => [
      name,
      value.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?'),
    ]);
    return {
      name: `${id}: ${what}`,
      operation,
      url: address + (query && `?${query}`),
      headers: Object.fromEntries(sendable) as Record<string, string>,
      body,
      isNamed: bad.path !== undefined || /dataset/i.test(what),
    };
  }
}

function put(sample: object, name: string, json?: string): { text: string } {
  const members = Object.entries(sample).filter(([key]) => key !== name);
  const texts = members.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  if (json !== undefined) texts.push(`${JSON.stringify(name)}:${json}`);
  return { text: `{${texts.join()}}` };
}

// Text of latin1 alone is taken for bytes, so that there may be some that are not UTF-8.
function escaped(text: string): string {
  const bytes = /^[\0-\xff]*$/.test(text) ? Buffer.from(text, 'latin1') : Buffer.from(text);
  return [...bytes]
    .map((byte) =>
      /[\w-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, '0')}`,
    )
    .join('');
}

/** Sends one and reads the whole answer; a stream without an end is left as soon as it begins. */
export function send(base: string, hostile: HostileRequest, agent: Agent): Promise<Answer> {
  const { url, headers, body, operation } = hostile;
  return new Promise((resolve, reject) => {
    const length = body && { 'content-length': String(body.length) };
    const sent = request(`${base}${url}`, { method: operation.method, headers: { ...headers, ...length }, agent });
    sent.setTimeout(40_000, () => sent.destroy(new Error('no answer in 40 s')));
    sent.on('error', (error) => reject(new Error(`${hostile.name}: ${error.message}`)));
    sent.on('response', (response) => {
      const { statusCode: status = 0, headers: answered } = response;
      const type = answered['content-type'] ?? '';
      if (type.startsWith('text/event-stream')) {
        sent
          .removeAllListeners('error')
          .on('error', () => undefined)
          .destroy();
        return resolve({ status, type, text: '' });
      }
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status, type, text: Buffer.concat(chunks).toString() }));
    });
    sent.end(body);
  });
}
