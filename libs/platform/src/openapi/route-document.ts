import { SetMetadata } from '@nestjs/common';
import type { JsonSchema } from './class-schema';

/** OpenAPI paths and schemas of routes that are made on Fastify itself, where Nest does not see them. */
export type RouteDocument = {
  paths: Record<string, Record<string, object>>;
  schemas?: Record<string, JsonSchema>;
};

export const ROUTE_DOCUMENT = 'govbus:route-document';
/** Adds the routes that the class makes on Fastify itself to the service's OpenAPI document. */
export const DescribesRoutes = (document: RouteDocument) => SetMetadata(ROUTE_DOCUMENT, document);
