import 'reflect-metadata';
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { freePort } from '@govbus/embedded';
import { Heap } from './bad-input-heap.shared.spec';
import { type Caller, event, Exchange, provider } from './exchange.int.spec';
import { ExchangeProcess } from './exchange-process.shared.spec';

jest.setTimeout(180_000);

const mib = 1024 * 1024;
let beside: Exchange;
let attacked: ExchangeProcess;
let heap: Heap;
let publisher: Caller;
let neighbour: Caller;
let datasetId: string;

beforeAll(async () => {
  // Nobody reads what is published here: it is about the process that takes it.
  beside = await Exchange.start({ EXCHANGE_ROLES: 'ingest' });
  publisher = await beside.system(provider, ['events:publish']);
  neighbour = await beside.system(provider, ['events:publish']);
  ({ datasetId } = await beside.dataset());
  const inspector = await freePort();
  attacked = await ExchangeProcess.start(beside, 'ingest', [`--inspect=127.0.0.1:${inspector}`]);
  heap = await Heap.at(inspector);
});
afterAll(async () => {
  heap?.close();
  await attacked?.end('SIGKILL');
  await beside?.stop();
});

async function open(headers: Record<string, string> = {}): Promise<ClientRequest> {
  const token = await beside.issuer.token({ ...publisher, kind: 'system', roles: [] });
  const own = { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' };
  return request(`${attacked.url}/v1/events`, { method: 'POST', headers: { ...own, ...headers } });
}

type AnswerLine = { accepted?: number; refused?: number; index?: number; status?: string; problem?: { code: string } };
/** The answers, of which the last ones are kept and the others counted. */
async function answersTo(sent: ClientRequest): Promise<{ status?: number; count: number; last: AnswerLine[] }> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let count = 0;
  let last: string[] = [];
  for await (const line of createInterface({ input: response })) {
    count += 1;
    last = [...last.slice(-1), line];
  }
  return { status: response.statusCode, count, last: last.map((line) => JSON.parse(line) as AnswerLine) };
}
const publishBeside = (id: string) =>
  attacked.call('POST', '/v1/events', neighbour, event(datasetId, id), 'application/cloudevents+json');

describe('a stream of lines', () => {
  const together = 1_000;
  /** Good lines and then some that are none, made as they are read. */
  function* lines(good: number, bad: number): Generator<string> {
    const line = JSON.stringify(event(datasetId, 'id-of-one', { name: 'x', phone: 'y' }));
    for (let first = 0; first < good; first += together)
      yield Array.from({ length: together }, (_, i) => `${line.replace('id-of-one', String(first + i))}\n`).join('');
    for (let first = 0; first < bad; first += together) yield 'none\n'.repeat(together);
  }
  async function publishLines(good: number, bad: number): Promise<void> {
    const sent = await open();
    const [answers] = await Promise.all([answersTo(sent), pipeline(Readable.from(lines(good, bad)), sent)]);
    expect(answers).toMatchObject({ status: 200, count: good + bad + 1 });
    expect(answers.last.at(-1)).toEqual({ accepted: good, refused: bad });
  }

  it('of any length leaves nothing behind in the process', async () => {
    // More than it remembers, for whoever asks what became of one.
    await publishLines(17_000, 3_000);
    const before = await heap.heldBytes();
    await publishLines(20_000, 80_000);
    // Fifty bytes kept of each line would be more.
    expect((await heap.heldBytes()) - before).toBeLessThan(5 * mib);
  });
});

describe('a stream that inflates to much', () => {
  // Members one after the other, which gzip allows, and each inflates to 16 MiB.
  const bombOf = (byte: string, members: number): Buffer => {
    const member = gzipSync(Buffer.alloc(16 * mib, byte));
    return Buffer.concat(Array.from({ length: members }, () => member));
  };
  /** Sends all but its end, which has to wait until another one was served; what was answered. */
  async function explode(bomb: Buffer, name: string) {
    expect(bomb.length).toBeLessThan(2 * mib);
    const before = await heap.highestBytes();
    const sent = await open({ 'content-encoding': 'gzip' });
    sent.flushHeaders();
    const answers = answersTo(sent);
    sent.write(bomb.subarray(0, -4));
    expect(await publishBeside(name)).toMatchObject({ status: 202 });
    sent.end(bomb.subarray(-4));
    const answered = await answers;
    // What it inflates to is never there at once.
    expect((await heap.highestBytes()) - before).toBeLessThan(200 * mib);
    return answered;
  }

  it('in one line is refused as that line, and others are served meanwhile', async () => {
    const { status, count, last } = await explode(bombOf(' ', 32), 'beside-spaces');
    expect({ status, count }).toEqual({ status: 200, count: 2 });
    expect(last).toMatchObject([
      { index: 0, status: 'refused', problem: { code: 'body.too-large' } },
      { accepted: 0, refused: 1 },
    ]);
  });

  it('in empty lines is nothing, and others are served meanwhile', async () => {
    const { status, last } = await explode(bombOf('\n', 1), 'beside-newlines');
    expect(status).toBe(200);
    expect(last).toEqual([{ accepted: 0, refused: 0 }]);
  });
});
