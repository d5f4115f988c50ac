import { scopes } from '@govbus/contracts';
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { describeClasses } from './openapi/describe-classes';
import { handlersOf, routeDocumentsOf } from './openapi/handlers';
import { complete, type Operation } from './openapi/operations';
import { problemResponses, problemSchema } from './openapi/problem-schema';
import type { RouteDocument } from './openapi/route-document';
import { ServiceName } from './service-name';

const verbs = ['get', 'put', 'post', 'patch', 'delete'] as const;
const about = `Errors are problem documents (RFC 9457) with a stable \`code\`. Lists are paged by an opaque \`cursor\`.
Access tokens come from the issuer of the deployment; the address below is that of a local installation.`;

/**
 * The OpenAPI 3.1 document of a service: routes from Nest, and those that classes describe by `@DescribesRoutes`;
 * bodies and parameters from the class-validator rules that check them; scopes from the guards' decorators.
 */
export function openApiOf(app: INestApplication): OpenAPIObject {
  const handlers = handlersOf(app);
  describeClasses(handlers.flatMap(({ classes }) => classes));
  const service = app.get(ServiceName).name;
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle(`govbus ${service}`)
    .setDescription(about)
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/', 'the service itself')
    .addOAuth2({
      type: 'oauth2',
      flows: {
        clientCredentials: {
          tokenUrl: 'http://127.0.0.1:7001/oidc/token',
          scopes: Object.fromEntries(scopes.map((scope) => [scope, `may use what asks for ${scope}`])),
        },
      },
    })
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller: string, method: string) => `${controller}.${method}`,
  });
  const byId = new Map(handlers.map((handler) => [handler.explicitId ?? handler.key, handler]));
  for (const [path, verb, operation] of operationsOf(document)) {
    // A controller below several paths has `[0]`, `[1]` … behind the ids of its routes.
    const handler = byId.get((operation.operationId ?? '').replace(/\[\d+\]$/, ''));
    if (handler) complete(operation, { path, verb, handler, isPage: (response) => isPage(response, document) });
  }
  return withRawRoutes(document, routeDocumentsOf(app));
}

function withRawRoutes(document: OpenAPIObject, routes: RouteDocument[]): OpenAPIObject {
  const paths = Object.assign({}, document.paths, ...routes.map((route) => route.paths)) as OpenAPIObject['paths'];
  const schemas = Object.assign(
    {},
    document.components?.schemas,
    ...routes.map((route) => route.schemas ?? {}),
  ) as object;
  const used = JSON.stringify(paths);
  const responses = Object.entries(problemResponses).filter(([name]) => used.includes(`/responses/${name}"`));
  const whole = {
    ...document,
    paths: inOrder(paths),
    components: {
      ...document.components,
      schemas: inOrder({ ...schemas, ProblemDocument: problemSchema }),
      responses: Object.fromEntries(responses),
    },
  };
  // The library wraps a reference to carry what stands beside it; mostly nothing does.
  return JSON.parse(JSON.stringify(whole).replaceAll(/\{"allOf":\[(\{"\$ref":"[^"]*"\})\]\}/g, '$1')) as OpenAPIObject;
}

// A page is a class with `items` and `nextCursor`; only these get a `Link`.
function isPage(response: unknown, { components }: OpenAPIObject): boolean {
  const [, name = ''] = /"#\/components\/schemas\/([^"]+)"/.exec(JSON.stringify(response)) ?? [];
  const schema = components?.schemas?.[name];
  return (
    schema !== undefined &&
    'properties' in schema &&
    ['items', 'nextCursor'].every((key) => key in (schema.properties ?? {}))
  );
}

function operationsOf({ paths }: OpenAPIObject): [path: string, verb: string, operation: Operation][] {
  return Object.entries(paths).flatMap(([path, item]) =>
    verbs.flatMap((verb): [string, string, Operation][] => {
      const operation = item[verb];
      return operation ? [[path, verb, operation]] : [];
    }),
  );
}

const inOrder = <T>(record: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
