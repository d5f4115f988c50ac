import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Lets single requests take longer than the server's `requestTimeout`, which Node has for all or none: answers a
 * function that exempts the request now on a socket. Such a request needs a time limit of its own, and an answer with
 * `connection: close`, since Node watches its socket no more.
 */
export function requestTimeoutExemption(server: Server): (socket: Socket) => void {
  const exempt = new WeakSet<object>();
  const listeners = server.listeners('clientError');
  server.removeAllListeners('clientError');
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // Node reports it once for each request and leaves the socket to the listener.
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && exempt.has(socket)) return;
    for (const listener of listeners) Reflect.apply(listener, server, [error, socket]);
  });
  return (socket) => exempt.add(socket);
}
