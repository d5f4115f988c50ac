import { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** How long, in ms, a client may take nothing of an answer. */
const stalledMs = 30_000;

/**
 * Hangs up on clients that take nothing of their answer: it stays in memory until they have it, and what it holds on to
 * as well. Streams have limits of their own.
 */
export function hangUpOnStalled(fastify: FastifyInstance, afterMs = stalledMs): void {
  fastify.addHook('onSend', (_request, { raw }, payload, done) => {
    const isWhole = typeof payload === 'string' || Buffer.isBuffer(payload);
    // Node asks whether bytes have gone out meanwhile, and hangs up if not. Requests without a network have no socket.
    if (isWhole && raw.socket instanceof Socket) raw.socket.setTimeout(afterMs);
    done();
  });
}

/** Calls back, perhaps twice, when the answer was taken or the client has gone away, also when that is so already. */
export function onGone({ raw }: FastifyReply, callback: () => void): void {
  if (raw.closed || raw.destroyed) return callback();
  raw.once('finish', callback).once('close', callback);
}
