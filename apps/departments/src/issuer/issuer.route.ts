import type { IncomingMessage, ServerResponse } from 'node:http';
import { isSlug, scopes } from '@govbus/contracts';
import { Audit, Clock, decodedToken, DescribesRoutes, LOGGER, type Logger, readSecretFile } from '@govbus/platform';
import { isIssuer } from '@govbus/platform/issuer';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { AppConfig } from '../app.config';
import { createIssuer } from './issuer';
import { issuerDocument } from './issuer.openapi';
import { OidcArtifacts } from './oidc-artifacts';
import { OidcClients } from './oidc-clients';
import { readSigningKeys } from './signing-keys';

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>;
const metadata = '/.well-known/openid-configuration';
// What is served. The provider has more routes, all of them for logins that there are none of yet.
const served = [
  ['POST', '/token'],
  ['POST', '/token/introspection'],
  ['POST', '/token/revocation'],
  ['GET', '/jwks'],
  ['GET', metadata],
] as const;

/** Mounts the issuer on Fastify itself: it reads its own bodies and answers in the forms of OAuth, not of this API. */
@Injectable()
@DescribesRoutes(issuerDocument)
export class IssuerRoute implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly config: AppConfig,
    private readonly clients: OidcClients,
    private readonly artifacts: OidcArtifacts,
    private readonly audit: Audit,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    const { OIDC_ISSUER: issuer } = this.config;
    if (!isIssuer(this.config)) {
      this.logger.info({ issuer }, 'tokens come from another issuer; none is mounted here');
      return;
    }
    const handle = this.handlerOf(issuer);
    const { host, protocol, pathname } = new URL(issuer);
    const forward = (request: IncomingMessage, response: ServerResponse, path: string): void => {
      // Whatever name the request came by, the addresses in the metadata are those of the issuer.
      request.headers.host = host;
      request.headers['x-forwarded-host'] = host;
      request.headers['x-forwarded-proto'] = protocol.slice(0, -1);
      Object.assign(request, { originalUrl: pathname + path });
      request.url = path;
      void handle(request, response);
    };
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    // Not awaited: that would settle the routes made so far, before Nest has set its error handler on them.
    void fastify.register((scope, _options, done) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (_request, _body, parsed) => parsed(null));
      for (const [method, path] of served)
        scope.route({
          method,
          url: pathname + path,
          exposeHeadRoute: false,
          handler: (request, reply) => {
            reply.hijack();
            forward(request.raw, reply.raw, path);
          },
        });
      // RFC 8414: at the root, and with the path of the issuer behind it (section 3).
      for (const url of ['', pathname].map((suffix) => `/.well-known/oauth-authorization-server${suffix}`))
        scope.get(url, { exposeHeadRoute: false }, (request, reply) => {
          reply.hijack();
          forward(request.raw, reply.raw, metadata);
        });
      done();
    });
  }

  private handlerOf(issuer: string): Handle {
    const { AUDIENCE: audience, ISSUER_KEYS_FILE } = this.config;
    const keys = readSigningKeys(readSecretFile('ISSUER_KEYS_FILE', ISSUER_KEYS_FILE));
    const { clients, artifacts } = this;
    const provider = createIssuer({ issuer, audience, keys, clients, artifacts, now: () => this.clock.now() });
    provider.on('server_error', (_ctx, err) => this.logger.error({ err }, 'the issuer failed'));
    provider.use(async (ctx: KoaContextWithOIDC, next) => {
      await next();
      if (ctx.path === metadata && ctx.status === 200) describeWhatIsServed(ctx);
      if (ctx.method === 'POST' && ctx.status >= 400 && ctx.status < 500) await this.recordRefusal(ctx);
    });
    return provider.callback();
  }

  // P2: a refused token leaves its entry before it is answered. The id is the claimed one, hence `anonymous`.
  private async recordRefusal(ctx: KoaContextWithOIDC): Promise<void> {
    const { error, error_description: detail } = (ctx.body ?? {}) as { error?: string; error_description?: string };
    const claimed = claimedId(ctx);
    try {
      await this.audit.refused({
        action: 'refuse',
        operation: `POST /oidc${ctx.path}`.slice(0, 80),
        outcome: 'refused',
        actor: { id: isSlug(claimed) ? claimed : 'anonymous', kind: 'anonymous' },
        code: `oauth.${error ?? 'refused'}`.slice(0, 80),
        ...(detail && { reason: detail.slice(0, 500) }),
      });
    } catch (err) {
      this.logger.error({ err }, 'refusal not recorded');
      ctx.status = 503;
      ctx.set('retry-after', '1');
      ctx.body = { error: 'temporarily_unavailable' };
    }
  }
}

// Whom the request says it comes from: nobody has proved anything yet, and a suspended client is not even found.
function claimedId(ctx: KoaContextWithOIDC): unknown {
  const { client_id: id, client_assertion: assertion } = ctx.oidc.params ?? {};
  if (typeof id === 'string') return id;
  if (typeof assertion === 'string') return decodedToken(assertion)?.payload.sub;
  const basic = /^Basic ([\w+/]+=*)$/i.exec(ctx.headers.authorization ?? '')?.[1];
  return basic && Buffer.from(basic, 'base64').toString('utf8').split(':')[0];
}

function describeWhatIsServed(ctx: KoaContextWithOIDC): void {
  const body = ctx.body as Record<string, unknown>;
  for (const name of ['authorization_endpoint', 'response_modes_supported', 'code_challenge_methods_supported'])
    delete body[name];
  body.scopes_supported = scopes;
}
