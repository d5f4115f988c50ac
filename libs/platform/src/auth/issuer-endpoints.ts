import { isIPv6 } from 'node:net';
import type { ServiceConfig } from '../config';

/** Where an issuer gives its public keys and its tokens. */
export type IssuerEndpoints = { keysUrl: string; tokenUrl: string };

const patienceMs = 5_000;
const below = (base: string): IssuerEndpoints => ({ keysUrl: `${base}/jwks`, tokenUrl: `${base}/token` });

/**
 * The endpoints that an issuer's metadata names; `/jwks` and `/token` below an issuer that has none.
 *
 * Source: OpenID Connect Discovery 1.0, sections 4.1 to 4.3.
 * Errors: whatever the network throws, and an `Error` for metadata that fails, is of another issuer or names no endpoints.
 */
export async function endpointsOf(issuer: string): Promise<IssuerEndpoints> {
  const base = issuer.replace(/\/$/, '');
  const answer = await fetch(`${base}/.well-known/openid-configuration`, { signal: AbortSignal.timeout(patienceMs) });
  if (!answer.ok) await answer.body?.cancel();
  if (answer.status >= 400 && answer.status < 500) return below(base);
  if (!answer.ok) throw new Error(`the issuer answers ${answer.status} for its metadata`);
  const {
    issuer: name,
    jwks_uri: keysUrl,
    token_endpoint: tokenUrl,
  } = (await answer.json()) as Record<string, unknown>;
  if (name !== issuer) throw new Error('the metadata is that of another issuer');
  if (typeof keysUrl !== 'string' || typeof tokenUrl !== 'string') throw new Error('the metadata names no endpoints');
  return { keysUrl, tokenUrl };
}

type Settings = Pick<ServiceConfig, 'HOST' | 'PORT' | 'PUBLIC_URL' | 'OIDC_ISSUER'>;

/** Whether a service with these settings is the issuer itself. */
export const isIssuer = ({ PUBLIC_URL, OIDC_ISSUER }: Pick<Settings, 'PUBLIC_URL' | 'OIDC_ISSUER'>): boolean =>
  OIDC_ISSUER === `${PUBLIC_URL}/oidc`;

/**
 * The endpoints as this service asks them. The issuer asks its own listener: a proxy lets nobody through to its public
 * address before it is ready.
 *
 * Errors: those of `endpointsOf`.
 */
export async function endpointsFor(settings: Settings): Promise<IssuerEndpoints> {
  const { HOST, PORT, OIDC_ISSUER } = settings;
  // Which free port it was given is not known here.
  if (!isIssuer(settings) || PORT === 0) return endpointsOf(OIDC_ISSUER);
  const host = { '0.0.0.0': '127.0.0.1', '::': '::1' }[HOST] ?? HOST;
  return below(`http://${isIPv6(host) ? `[${host}]` : host}:${PORT}${new URL(OIDC_ISSUER).pathname}`);
}
