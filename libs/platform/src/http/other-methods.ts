import type { FastifyInstance, FastifyRequest } from 'fastify';
import createRouter, { type HTTPMethod } from 'find-my-way';
import { EdgeError } from './problem';

/**
 * Refuses a method that a known path does not have, before the body is read and without asking who it is, as an unknown
 * path is refused.
 *
 * Shape: MUST be called before the first route.
 * Errors: `EdgeError` 405 `method.not-allowed`, with the methods of the path in `Allow`.
 * Source: RFC 9110, section 15.5.6.
 */
export function refuseOtherMethods(fastify: FastifyInstance): void {
  // The router of Fastify does not tell which methods a path has; this one is the same, and knows nothing but that.
  const routes = createRouter();
  const methods = new Set<HTTPMethod>();
  fastify.addHook('onRoute', ({ method, url }) => {
    for (const name of [method].flat() as HTTPMethod[]) {
      methods.add(name);
      if (!routes.hasRoute(name, url)) routes.on(name, url, () => undefined);
    }
  });
  fastify.addHook('onRequest', (request: FastifyRequest, _reply, done) => {
    if (!request.is404) return done();
    const allowed = [...methods].filter((method) => routes.find(method, request.url) !== null).sort();
    if (allowed.length === 0) return done();
    done(new EdgeError(405, 'method.not-allowed', 'this address does not take the method', allow(allowed)));
  });
}

const allow = (methods: HTTPMethod[]): Record<string, string> => ({ allow: methods.join(', ') });
