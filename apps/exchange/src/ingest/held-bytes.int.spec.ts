import 'reflect-metadata';
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { Producer } from '@govbus/messaging';
import { Metrics } from '@govbus/platform';
import { eventually } from '@govbus/testing';
import { type Caller, event, Exchange, provider, stranger } from '../exchange.int.spec';
import { streamBytes } from './event-stream';
import { HeldBytes, maxHeldByCaller } from './held-bytes';

let exchange: Exchange;
let datasetId: string;
let [one, other]: [Caller, Caller] = [] as never;

beforeAll(async () => {
  exchange = await Exchange.start();
  ({ datasetId } = await exchange.dataset());
  await exchange.app.listen(0, '127.0.0.1');
}, 60_000);
beforeEach(async () => {
  [one, other] = [
    await exchange.system(provider, ['events:publish']),
    await exchange.system(provider, ['events:publish']),
  ];
});
afterAll(() => exchange.stop());

const newWire = (): Socket => {
  const { port } = exchange.app.getHttpServer().address() as AddressInfo;
  return connect(port, '127.0.0.1').on('error', () => undefined);
};
async function chunked(caller: Caller, type: string, body: string): Promise<string> {
  const token = await exchange.issuer.token({ ...caller, kind: 'system', roles: [] });
  const head = ['POST /v1/events HTTP/1.1', 'host: bus', `authorization: Bearer ${token}`, `content-type: ${type}`];
  return `${[...head, 'transfer-encoding: chunked'].join('\r\n')}\r\n\r\n${body}`;
}
const inChunks = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n0\r\n\r\n`;
const batch = 'application/cloudevents-batch+json';
const heldBytes = async (): Promise<number> => {
  const { payload } = await exchange.app.inject({ method: 'GET', url: '/metrics' });
  return Number(/^govbus_ingest_held_bytes (\d+)$/m.exec(payload)?.[1]);
};

it('lets go of what pipelined requests hold when their connection is closed before they are answered', async () => {
  const producer = exchange.app.get(Producer);
  let acknowledge = (): void => undefined;
  const acknowledged = new Promise<void>((resolve) => (acknowledge = resolve));
  const sendAll = jest.spyOn(producer, 'sendAll').mockImplementation(() => acknowledged);
  const request = await chunked(one, batch, inChunks(JSON.stringify([event(datasetId, 'piped')])));
  const wire = newWire();
  wire.write(request.repeat(3));
  await eventually(() => expect(sendAll).toHaveBeenCalled());
  await eventually(async () => expect(await heldBytes()).toBeGreaterThan(0));
  wire.destroy();
  await eventually(async () => expect(await heldBytes()).toBe(0));
  acknowledge();
  sendAll.mockRestore();
  // Nor are they counted down twice.
  expect((await exchange.publish(one, event(datasetId, 'after'))).status).toBe(202);
  await eventually(async () => expect(await heldBytes()).toBe(0));
});

it('counts nothing for a client that left before it was known who it is', () => {
  const held = new HeldBytes(new Metrics());
  const left = { destroyed: true } as ServerResponse;
  for (let n = 0; n < 100; n += 1) held.take({ caller: one, bytes: maxHeldByCaller, isStream: false }, left);
});

describe('a department', () => {
  const mib = 1024 * 1024;
  const answer = () => Object.assign(new EventEmitter(), { destroyed: false }) as unknown as ServerResponse;
  const take = (held: HeldBytes, caller: Caller, bytes: number, isStream = false) => {
    const response = answer();
    held.take({ caller, bytes, isStream }, response);
    return () => response.emit('close');
  };
  const busy = expect.objectContaining({ code: 'bus.busy' }) as Error;
  const neighbour: Caller = { id: 'neighbour', department: stranger, scopes: [] };

  it('has half of the streams, by however many of its systems', () => {
    const held = new HeldBytes(new Metrics());
    const open = (caller: Caller) => take(held, caller, streamBytes, true);
    const closings = Array.from({ length: 8 }, (_, n) => open(n % 2 ? one : other));
    expect(() => open(other)).toThrow(busy);
    take(held, other, mib);
    for (let n = 0; n < 8; n += 1) open(neighbour);
    closings[0]?.();
    open(other);
    expect(() => open(other)).toThrow(busy);
  });

  it('has half of the bytes, by however many of its systems', () => {
    const held = new HeldBytes(new Metrics());
    const systems = Array.from({ length: 3 }, (_, n) => ({ ...one, id: `system-${n}` }));
    const closings = systems.slice(1).map((system) => take(held, system, maxHeldByCaller));
    const [third = one] = systems;
    expect(() => take(held, third, mib)).toThrow(busy);
    take(held, neighbour, maxHeldByCaller);
    closings[0]?.();
    take(held, third, maxHeldByCaller);
  });
});

it('leaves room for others, however many streams one caller opens', async () => {
  const wires = await Promise.all(
    Array.from({ length: 32 }, async (_, n) => {
      const wire = newWire();
      wire.write(await chunked(one, 'application/x-ndjson', `1\r\n\n\r\n${n % 2 ? '' : '1\r\n\n\r\n'}`));
      return wire;
    }),
  );
  const refusals: string[] = [];
  for (const wire of wires) wire.on('data', (data: Buffer) => refusals.push(data.toString()));
  await eventually(() => expect(refusals.filter((text) => text.includes('bus.busy')).length).toBeGreaterThan(0));
  expect(refusals.every((text) => text.startsWith('HTTP/1.1 503 '))).toBe(true);
  await eventually(async () => expect(await heldBytes()).toBeGreaterThan(0));
  expect((await exchange.publish(other, event(datasetId, 'beside'))).status).toBe(202);
  for (const wire of wires) wire.destroy();
  await eventually(async () => expect(await heldBytes()).toBe(0));
});

it('counts a single event without a length as one event', async () => {
  const answers = await Promise.all(
    Array.from({ length: 40 }, async (_, n) => {
      const body = inChunks(JSON.stringify(event(datasetId, `single-${n}`)));
      const wire = newWire();
      wire.write(await chunked(one, 'application/cloudevents+json', body));
      const answer = await new Promise<string>((read) => wire.once('data', (data: Buffer) => read(data.toString())));
      wire.destroy();
      return answer.slice(9, 12);
    }),
  );
  expect(new Set(answers)).toEqual(new Set(['202']));
});
