import type { INestApplication, Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { SCOPES } from '../auth/caller';
import { ROUTE_DOCUMENT, type RouteDocument } from './route-document';

/** What the code says of one route, beyond what the OpenAPI library reads. */
export type Handler = {
  /** `<Controller>.<method>`. */
  key: string;
  method: string;
  /** Scopes of which one is needed; `any` token; `public`; undefined: closed. */
  access: string[] | 'any' | 'public' | undefined;
  /** Classes that the route takes or answers. */
  classes: unknown[];
  /** Pipes that parse a path parameter, by its name. */
  parsers: Map<string, string[]>;
  /** Whether the route takes `If-Match`. */
  takesIfMatch: boolean;
  explicitId?: string;
};

type ResponseMetadata = Record<string, { type?: unknown }>;
type Argument = { data?: unknown; pipes?: unknown[] };

/** The routes of all controllers. */
export function handlersOf(app: INestApplication): Handler[] {
  return classesOf(app, 'controllers').flatMap((controller) => {
    const prototype = controller.prototype as Record<string, unknown>;
    const methods = Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor');
    return methods.flatMap((method) => {
      const handler = prototype[method];
      if (typeof handler !== 'function' || !Reflect.hasMetadata('path', handler)) return [];
      return [handlerOf(controller, method, handler)];
    });
  });
}

function handlerOf(controller: Type, method: string, handler: object): Handler {
  const responses = (Reflect.getMetadata('swagger/apiResponse', handler) ?? {}) as ResponseMetadata;
  const parameters = (Reflect.getMetadata('design:paramtypes', controller.prototype as object, method) ??
    []) as unknown[];
  const operation = (Reflect.getMetadata('swagger/apiOperation', handler) ?? {}) as { operationId?: string };
  const access: unknown = Reflect.getMetadata(SCOPES, handler) ?? Reflect.getMetadata(SCOPES, controller);
  const args = (Reflect.getMetadata('__routeArguments__', controller, method) ?? {}) as Record<string, Argument>;
  return {
    key: `${controller.name}.${method}`,
    method,
    access: access as Handler['access'],
    classes: [...parameters, ...Object.values(responses).flatMap(({ type }) => type)],
    parsers: new Map(Object.values(args).map(({ data, pipes }) => [String(data), (pipes ?? []).map(nameOf)])),
    takesIfMatch: Object.values(args).some(({ data }) => data === 'if-match'),
    explicitId: operation.operationId || undefined,
  };
}

/** What classes say of the routes that they make on Fastify itself. */
export function routeDocumentsOf(app: INestApplication): RouteDocument[] {
  return classesOf(app, 'providers').flatMap(
    (provider) => (Reflect.getMetadata(ROUTE_DOCUMENT, provider) ?? []) as RouteDocument | [],
  );
}

function classesOf(app: INestApplication, kind: 'controllers' | 'providers'): Type[] {
  const found = new Set<Type>();
  for (const module of app.get(ModulesContainer).values())
    for (const { metatype } of module[kind].values())
      if (typeof metatype === 'function' && typeof metatype.prototype === 'object') found.add(metatype as Type);
  return [...found];
}

const nameOf = (pipe: unknown): string =>
  typeof pipe === 'function' ? pipe.name : ((pipe as object | null)?.constructor.name ?? '');
