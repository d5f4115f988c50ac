import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { gzipSync } from 'node:zlib';
import { maxEventBytes } from '@govbus/contracts';
import { eventually } from '@govbus/testing';
import { type Caller, event, Exchange, marker, provider } from '../exchange.int.spec';

type AnswerLine = Record<string, unknown>;

let exchange: Exchange;
let publisher: Caller;
let datasetId: string;

beforeAll(async () => {
  exchange = await Exchange.start();
  publisher = await exchange.system(provider, ['events:publish']);
  await exchange.app.listen(0, '127.0.0.1');
}, 60_000);
beforeEach(async () => ({ datasetId } = await exchange.dataset()));
afterAll(() => exchange.stop());

/** A stream that is open: what is written goes out at once. */
async function open(headers: Record<string, string> = {}, query = ''): Promise<ClientRequest> {
  const token = await exchange.issuer.token({ ...publisher, kind: 'system', roles: [] });
  const sent = request({
    host: '127.0.0.1',
    port: (exchange.app.getHttpServer().address() as AddressInfo).port,
    path: `/v1/events${query}`,
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson', ...headers },
  });
  sent.on('error', () => undefined);
  return sent;
}

const responseTo = async (sent: ClientRequest): Promise<IncomingMessage> =>
  ((await once(sent, 'response')) as [IncomingMessage])[0];
const linesIn = (response: IncomingMessage) => createInterface({ input: response })[Symbol.asyncIterator]();

async function send(body: string | Buffer, headers: Record<string, string> = {}, query = '') {
  const sent = await open(headers, query);
  sent.end(body);
  const response = await responseTo(sent);
  const text = Buffer.concat(await response.toArray()).toString();
  const lines = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as AnswerLine);
  return { status: response.statusCode, headers: response.headers, lines };
}

const line = (id: string, data: object = {}): string => `${JSON.stringify(event(datasetId, id, data))}\n`;

describe('a stream of events', () => {
  it('answers each line in its order, and sums up', async () => {
    const body = `${line('a')}\n{"planted":\r\n${line('b', { area: 1 })}${line('c').trim()}`;
    const answer = await send(body, { 'content-type': 'Application/JSONL; charset=utf-8' });
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/x-ndjson' } });
    expect(answer.lines).toEqual([
      { index: 0, id: 'a', status: 'accepted' },
      { index: 2, status: 'refused', problem: expect.objectContaining({ code: 'body.malformed' }) },
      { index: 3, id: 'b', status: 'refused', problem: expect.objectContaining({ code: 'schema.violated' }) },
      { index: 4, id: 'c', status: 'accepted' },
      { accepted: 2, refused: 2 },
    ]);
    expect(JSON.stringify(answer.lines)).not.toContain(marker);
    await exchange.ledgerAt(datasetId, 2);
    expect(await exchange.entries(datasetId)).toContainEqual(
      expect.objectContaining({
        action: 'refuse',
        code: 'schema.violated',
        records: 1,
        actor: expect.objectContaining({ id: publisher.id }),
      }),
    );
  });

  it('answers as soon as a line is acknowledged, while the stream goes on', async () => {
    const sent = await open();
    sent.write(line('first'));
    const response = await responseTo(sent);
    const answers = linesIn(response);
    expect(JSON.parse(String((await answers.next()).value))).toMatchObject({ id: 'first', status: 'accepted' });
    sent.write(line('second'));
    expect(JSON.parse(String((await answers.next()).value))).toMatchObject({ id: 'second', status: 'accepted' });
    sent.end();
    expect(JSON.parse(String((await answers.next()).value))).toEqual({ accepted: 2, refused: 0 });
  });

  it('takes more lines than it lets wait, compressed', async () => {
    const body = gzipSync(Array.from({ length: 5_000 }, (_, i) => line(`many-${i}`)).join(''));
    const { lines } = await send(body, { 'content-encoding': 'gzip' });
    expect(lines.at(-1)).toEqual({ accepted: 5_000, refused: 0 });
    expect(lines.slice(0, -1).map(({ index }) => index)).toEqual(Array.from({ length: 5_000 }, (_, i) => i));
    await exchange.ledgerAt(datasetId, 5_000);
  });

  it('refuses a line that is too long, or not UTF-8, alone', async () => {
    const tooLong = `{"id":"${'x'.repeat(3 * maxEventBytes)}"}\n`;
    const latin = Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xe9]), Buffer.from('"}\n')]);
    const { lines } = await send(Buffer.concat([Buffer.from(tooLong), Buffer.from(line('ok')), latin]));
    expect(lines).toMatchObject([
      { index: 0, status: 'refused', problem: { code: 'body.too-large' } },
      { index: 1, id: 'ok', status: 'accepted' },
      { index: 2, status: 'refused', problem: { code: 'body.malformed' } },
      { accepted: 1, refused: 2 },
    ]);
  });

  it('keeps what was acknowledged when the client goes away', async () => {
    const sent = await open();
    sent.write(line('kept'));
    const response = await responseTo(sent);
    await linesIn(response).next();
    sent.write('{"half":');
    sent.destroy();
    await exchange.ledgerAt(datasetId, 1);
  });

  it('says in the summary why it ended early, with what is acknowledged', async () => {
    const zipped = gzipSync(line('a') + line('b').repeat(3000));
    const { lines } = await send(zipped.subarray(0, -20), { 'content-encoding': 'gzip' });
    expect(lines[0]).toEqual({ index: 0, id: 'a', status: 'accepted' });
    expect(lines.at(-1)).toMatchObject({ accepted: lines.length - 1, problem: { code: 'body.malformed' } });
  });

  it('is a problem like any other before the first answer', async () => {
    const refused = await send('not gzip', { 'content-encoding': 'gzip' });
    expect(refused).toMatchObject({ status: 400, lines: [{ code: 'body.malformed' }] });
    expect(await send(line('a'), {}, '?atomic=true')).toMatchObject({
      status: 400,
      lines: [{ code: 'request.invalid' }],
    });
    expect(await send(line('a'), { 'content-encoding': 'zstd' })).toMatchObject({ status: 415 });
    await exchange.db.query('ALTER TABLE outbox RENAME TO outbox_away');
    const unrecorded = await send('{}\n');
    await exchange.db.query('ALTER TABLE outbox_away RENAME TO outbox');
    expect(unrecorded).toMatchObject({ status: 503, headers: { 'retry-after': '1' }, lines: [{ code: 'audit.busy' }] });
  });

  it('takes nothing as nothing', async () => {
    expect(await send('')).toMatchObject({ status: 200, lines: [{ accepted: 0, refused: 0 }] });
  });

  it('outlives the limit for whole requests, which cuts off others', async () => {
    const server = exchange.app.getHttpServer();
    const sockets: unknown[] = [];
    server.on('request', ({ socket }: IncomingMessage) => sockets.push(socket));
    const timeout = Object.assign(new Error('too slow'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    const stream = await open();
    stream.write(line('slow'));
    const answers = linesIn(await responseTo(stream));
    await answers.next();
    server.emit('clientError', timeout, sockets[0]);
    stream.end(line('still there'));
    expect(JSON.parse(String((await answers.next()).value))).toMatchObject({ id: 'still there', status: 'accepted' });

    const single = await open({ 'content-type': 'application/json', 'content-length': '100' });
    single.write('{');
    await eventually(() => expect(sockets).toHaveLength(2));
    const cut = responseTo(single);
    server.emit('clientError', timeout, sockets[1]);
    expect((await cut).statusCode).toBe(408);
  });

  it('ends with a summary when the service stops', async () => {
    const other = await Exchange.start();
    const caller = await other.system(provider, ['events:publish']);
    const { datasetId: dataset } = await other.dataset();
    await other.app.listen(0, '127.0.0.1');
    const [kept, keptCaller] = [exchange, publisher];
    [exchange, publisher, datasetId] = [other, caller, dataset];
    const sent = await open();
    [exchange, publisher] = [kept, keptCaller];
    sent.write(line(randomUUID()));
    const answers = linesIn(await responseTo(sent));
    await answers.next();
    const stopped = other.stop();
    expect(JSON.parse(String((await answers.next()).value))).toMatchObject({
      accepted: 1,
      problem: { code: 'service.stopping' },
    });
    await stopped;
  }, 60_000);
});
