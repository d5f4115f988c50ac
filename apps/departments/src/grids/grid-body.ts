import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';

/** Largest grid that one request may bring, in bytes. */
export const maxGridBytes = 16 * 1024 * 1024;

/**
 * Lets a route say `@RouteConfig({ bodyLimit })`, which Nest itself does not hand to Fastify, and lets bodies be
 * `application/geo+json`. Made before the routes, so that the hook sees them.
 */
@Injectable()
export class GridBody {
  constructor(host: HttpAdapterHost) {
    const fastify = host.httpAdapter.getInstance<FastifyInstance>();
    fastify.addHook('onRoute', (route) => {
      const config = route.config as { bodyLimit?: unknown } | undefined;
      if (typeof config?.bodyLimit === 'number') route.bodyLimit = config.bodyLimit;
    });
    const parse = fastify.getDefaultJsonParser('error', 'error');
    fastify.addContentTypeParser('application/geo+json', { parseAs: 'string' }, parse);
  }
}
