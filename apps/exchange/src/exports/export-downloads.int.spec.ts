import 'reflect-metadata';
import { once } from 'node:events';
import { get, type IncomingMessage, type Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { AgreementRecordV1 } from '@govbus/contracts';
import { eventually } from '@govbus/testing';
import { type Caller, consumer } from '../exchange.int.spec';
import { ExportBench } from './exports.shared.int.spec';

// Hundreds of MiB pass: a busy machine takes its time.
jest.setTimeout(90_000);

let bench: ExportBench;
beforeAll(async () => {
  bench = await ExportBench.start();
  await bench.exchange.app.listen(0, '127.0.0.1');
}, 60_000);
afterEach(() => jest.restoreAllMocks());
afterAll(() => bench.stop());

/** Far more than what the sockets hold. */
const chunkBytes = 20 * 1024 * 1024;
/** More than that. */
const smallerBytes = 12 * 1024 * 1024;

/** A file of one large chunk, which is its last. */
async function largeFile(bytes = chunkBytes) {
  const { agreement } = await bench.filled([{}]);
  const id = await bench.done(agreement);
  await bench.rows(
    `UPDATE export_chunks SET content = convert_to(repeat('x', ${bytes}), 'UTF8') WHERE export_id = $1`,
    id,
  );
  await bench.rows(`UPDATE exports SET bytes = ${bytes} WHERE export_id = $1`, id);
  return { agreement, id };
}

/** A download whose client has taken its beginning and takes nothing more. */
async function slowDownload(id: string, caller: Caller): Promise<IncomingMessage> {
  const token = await bench.exchange.issuer.token({ ...caller, kind: 'system', roles: [] });
  const url = `${await bench.exchange.app.getUrl()}/v1/exports/${id}/file`;
  const headers = { authorization: `Bearer ${token}` };
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    get(url, { headers, agent: false }, resolve).on('error', reject),
  );
  response.on('error', () => undefined);
  await once(response, 'data');
  return response.pause();
}
/** How many bytes of it there are for the client when it goes on, until it ends or is broken off. */
async function bytesLeftOf(response: IncomingMessage): Promise<number> {
  let bytes = 0;
  response.on('data', (chunk: Buffer) => (bytes += chunk.length)).resume();
  if (!response.closed) await new Promise((resolve) => response.once('close', resolve));
  return bytes;
}
const connections = () =>
  new Promise<number>((resolve, reject) =>
    (bench.exchange.app.getHttpServer() as Server).getConnections((error, count) =>
      error ? reject(error) : resolve(count),
    ),
  );

describe('the last chunk of a download, on its way to a slow client, is cut off', () => {
  /** Of the department's record. */
  let version = 1;
  type End = (agreement: AgreementRecordV1, caller: Caller) => Promise<unknown>;
  it.each<[string, End]>([
    ['the agreement is revoked', (agreement) => bench.exchange.change({ ...agreement, status: 'revoked', version: 2 })],
    ['the system is suspended', (_, caller) => bench.exchange.principal(caller, 'suspended', 2)],
    ['its department is suspended', () => bench.exchange.department(consumer, 'suspended', (version += 1))],
    [
      'the period of the agreement is over',
      async ({ terms: { validTo } }) => bench.exchange.decideAt(new Date(validTo)),
    ],
  ])('when %s', async (_, end) => {
    const { agreement, id } = await largeFile();
    const caller = await bench.exchange.system(consumer, ['events:read']);
    const response = await slowDownload(id, caller);
    try {
      expect(await connections()).toBe(1);
      await end(agreement, caller);
      await eventually(async () => expect(await connections()).toBe(0), 30_000);
      expect(await bytesLeftOf(response)).toBeLessThan(chunkBytes / 2);
      expect(response.complete).toBe(false);
    } finally {
      response.destroy();
      await bench.exchange.department(consumer, 'active', (version += 1));
    }
  });

  it('never while all of that stands', async () => {
    const { id } = await largeFile();
    const response = await slowDownload(id, bench.reader);
    await pause(600);
    expect(await bytesLeftOf(response)).toBeGreaterThan(chunkBytes / 2);
    expect(response.complete).toBe(true);
  });
});

it('lets a department download ten files at once, until one is with its client', async () => {
  const { id } = await largeFile(smallerBytes);
  const downloads: IncomingMessage[] = [];
  try {
    for (let i = 0; i < 10; i += 1) downloads.push(await slowDownload(id, bench.reader));
    expect(downloads.map(({ statusCode }) => statusCode)).toEqual(Array(10).fill(200));
    const refused = await bench.file(id);
    expect(refused).toMatchObject({ status: 503, code: 'export.busy', headers: { 'retry-after': '5' } });
    downloads.pop()?.resume();
    await eventually(async () => expect(await connections()).toBe(9));
    // A process that was busy with so many bytes may not know at once that the agreement still stands.
    await eventually(async () => expect((await bench.file(id)).status).toBe(200));
  } finally {
    for (const response of downloads) response.destroy();
  }
});
