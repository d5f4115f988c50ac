"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.requestTimeoutExemption = requestTimeoutExemption;
/**
 * Lets single requests take longer than the server's `requestTimeout`, which Node has for all or none: answers a
 * function that exempts the request now on a socket. Such a request needs a time limit of its own, and an answer with
 * `connection: close`, since Node watches its socket no more.
 */
function requestTimeoutExemption(server) {
    const exempt = new WeakSet();
    const listeners = server.listeners('clientError');
    server.removeAllListeners('clientError');
    server.on('clientError', (error, socket) => {
        // Node reports it once for each request and leaves the socket to the listener.
        if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && exempt.has(socket))
            return;
        for (const listener of listeners)
            Reflect.apply(listener, server, [error, socket]);
    });
    return (socket) => exempt.add(socket);
}
//# sourceMappingURL=request-timeout.js.map