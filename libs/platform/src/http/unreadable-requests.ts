import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { EdgeError, type Problem, problemOf } from './problem';

const type = 'application/problem+json';

/**
 * Answers what HTTP itself cannot read (too slow, headers too large, malformed) with a problem document, and hangs up:
 * Fastify's `clientErrorHandler`. There is no request, hence no trace id.
 *
 * Shape: nothing is written where an answer has begun, or where nobody can read it.
 * Source: RFC 9457; RFC 9112, section 9.5; RFC 6585, section 5.
 */
export function answerUnreadable({ code }: { code?: string }, socket: Socket): void {
  // Node keeps here the answer that is on its way on a socket; it asks the same of itself.
  const begun = (Reflect.get(socket, '_httpMessage') as ServerResponse | null | undefined)?.headersSent;
  if (code !== 'ECONNRESET' && socket.writable && !begun) socket.write(bytesOf(problemOf(refusalOf(code))));
  socket.destroy();
}

/** Answers with problem documents where Node would answer with a status alone: no `Host`, and unknown expectations. */
export function answerUnusual(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', ({ raw: { httpVersion, headers } }, _reply, done) =>
    done(headers.host === undefined && httpVersion === '1.1' ? malformed() : undefined),
  );
  fastify.server.on('checkExpectation', (_request, response) => {
    const { status, body } = problemOf(
      new EdgeError(417, 'request.expectation', 'nothing is expected but `100-continue`'),
    );
    const content = JSON.stringify(body);
    const headers = { 'content-type': type, 'content-length': Buffer.byteLength(content), connection: 'close' };
    response.writeHead(status, headers).end(content);
  });
}

function refusalOf(code: string | undefined): EdgeError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new EdgeError(408, 'request.too-slow', 'the request did not arrive in time');
  if (code === 'HPE_HEADER_OVERFLOW')
    return new EdgeError(431, 'headers.too-large', 'the address and the headers are larger than the server takes');
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW')
    return new EdgeError(413, 'body.too-large', 'the chunks have larger extensions than the server takes');
  return malformed();
}
const malformed = (): EdgeError =>
  new EdgeError(400, 'request.malformed', 'this is no well-formed HTTP request', { connection: 'close' });

function bytesOf({ status, body }: Problem): string {
  const content = JSON.stringify(body);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${type}`,
    `content-length: ${Buffer.byteLength(content)}`,
    'connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${content}`;
}
