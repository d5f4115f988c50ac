import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { startNotes } from '../notes-app.shared.spec';
import { answerUnreadable } from './unreadable-requests';

let app: NestFastifyApplication;
let server: Server;
beforeAll(async () => {
  app = await startNotes('http://127.0.0.1:1');
  server = app.getHttpServer() as Server;
  Object.assign(server, { connectionsCheckingInterval: 20 });
  await app.listen(0, '127.0.0.1');
});

/** All that comes back on a connection of its own for these bytes, until it is closed; the second follow an answer. */
async function sent([bytes, more]: string[], to = server): Promise<string> {
  const { port } = to.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1' });
  const parts: Buffer[] = [];
  // Who hangs up early may do it while we still write.
  socket.on('error', () => undefined).on('data', (part) => parts.push(part));
  socket.once('data', () => more && socket.write(more)).write(bytes ?? '');
  await new Promise((closed) => socket.once('close', closed));
  return Buffer.concat(parts).toString();
}

function isRefusal(text: string, status: number, code: string): void {
  const [head = '', body = ''] = text.split('\r\n\r\n');
  const [first, ...headers] = head.toLowerCase().split('\r\n');
  expect(first).toMatch(new RegExp(`^http/1\\.1 ${status} `));
  expect(headers).toContain('connection: close');
  expect(headers.some((line) => line.startsWith('content-type: application/problem+json'))).toBe(true);
  expect(JSON.parse(body)).toMatchObject({ status, code, type: `urn:govbus:problem:${code}` });
  expect(text).not.toContain('planted');
}

const head = (...lines: string[]): string => `${lines.join('\r\n')}\r\n\r\n`;
const get = 'GET /health/live HTTP/1.1';
const json = 'content-type: application/json';
const posting = head('POST /v1/notes HTTP/1.1', 'host: notes', json, 'transfer-encoding: chunked');

describe('a request that cannot be read', () => {
  it.each([
    ['no HTTP', 'planted\r\n\r\n', 400, 'request.malformed'],
    ['a version that is none', head('GET /planted HTTP/9.9', 'host: notes'), 400, 'request.malformed'],
    ['a header with NUL', head(get, 'host: notes', 'x: planted\0'), 400, 'request.malformed'],
    ['a chunk that is none', `${posting}planted`, 400, 'request.malformed'],
    ['no host', head('GET /health/planted HTTP/1.1'), 400, 'request.malformed'],
    ['headers of 64 KiB', head(get, 'host: notes', `x: ${'planted'.repeat(9_363)}`), 431, 'headers.too-large'],
    ['an address of 64 KiB', head(`GET /${'planted'.repeat(9_363)} HTTP/1.1`), 431, 'headers.too-large'],
    ['a chunk with remarks of 64 KiB', `${posting}1;${'planted'.repeat(9_363)}`, 413, 'body.too-large'],
    ['an expectation', head(get, 'host: notes', 'expect: planted'), 417, 'request.expectation'],
  ])('(%s) is answered with a problem, and hung up on', async (_, bytes, status, code) => {
    isRefusal(await sent([bytes]), status, code);
  });

  it.each([
    ['its headers', `${get}\r\nx: planted`],
    ['its body', `${posting}7\r\nplanted`],
  ])('in time (%s do not end) is answered alike', async (_, bytes) => {
    const { headersTimeout, requestTimeout } = server;
    Object.assign(server, { headersTimeout: 100, requestTimeout: 200 });
    const text = await sent([bytes]);
    Object.assign(server, { headersTimeout, requestTimeout });
    isRefusal(text, 408, 'request.too-slow');
  });

  it('gets nothing into an answer that has begun', async () => {
    const plain = createServer((_request, response) => response.write('begun')).on('clientError', answerUnreadable);
    await new Promise<void>((listening) => plain.listen(0, '127.0.0.1', listening));
    const text = await sent([posting, 'planted'], plain);
    plain.close();
    expect(text).toMatch(/^HTTP\/1\.1 200 [^]*begun\r\n$/);
  });

  it('of HTTP/1.0 needs no host', async () => {
    expect(await sent([head('GET /health/live HTTP/1.0')])).toMatch(/^HTTP\/1\.1 200 /);
  });
});
