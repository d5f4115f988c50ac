import type { Server } from 'node:http';
import type { Socket } from 'node:net';
/**
 * Lets single requests take longer than the server's `requestTimeout`, which Node has for all or none: answers a
 * function that exempts the request now on a socket. Such a request needs a time limit of its own, and an answer with
 * `connection: close`, since Node watches its socket no more.
 */
export declare function requestTimeoutExemption(server: Server): (socket: Socket) => void;
//# sourceMappingURL=request-timeout.d.ts.map