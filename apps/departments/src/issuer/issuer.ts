import { scopes } from '@govbus/contracts';
import { type Client, type ClientMetadata, type Configuration, errors, Provider } from 'oidc-provider';
import { isOneOf } from '../credentials/credential.rules';
import { type ClientIdentity, identityMetadata, type OidcClients } from './oidc-clients';
import type { OidcArtifacts } from './oidc-artifacts';
import type { SigningKey } from './signing-keys';

/** Life of an access token, in seconds. */
export const tokenLifeSeconds = 600;
/** How far ahead the `exp` of a client's assertion may lie, in seconds: so long its `jti` is remembered. */
export const maxAssertionSeconds = 600;
// `aud` of the tokens is the AUDIENCE setting; the provider itself knows the one resource by this name.
const resource = 'urn:govbus:api';

export type IssuerOptions = {
  issuer: string;
  audience: string;
  keys: SigningKey[];
  clients: OidcClients;
  artifacts: OidcArtifacts;
  now: () => Date;
};

/**
 * The OAuth 2.0 issuer: client credentials with a secret or `private_key_jwt`, answered with RFC 9068 access tokens.
 *
 * Every option that the provider would otherwise warn about is set here, so that it says nothing at its start.
 */
export function createIssuer({ issuer, audience, keys, clients, artifacts, now }: IssuerOptions): Provider {
  const configuration: Configuration = {
    adapter: (model) => (model === 'Client' ? clients : artifacts.adapterOf(model)),
    jwks: { keys },
    scopes: [...scopes],
    responseTypes: [],
    clientAuthMethods: ['client_secret_basic', 'private_key_jwt'],
    enabledJWA: { clientAuthSigningAlgValues: ['ES256'], idTokenSigningAlgValues: ['ES256'] },
    clientDefaults: { id_token_signed_response_alg: 'ES256', grant_types: ['client_credentials'], response_types: [] },
    extraClientMetadata: { properties: identityMetadata },
    extraTokenClaims: (ctx) => {
      const { kind, department, roles } = identityOf(ctx.oidc.client);
      return { kind, department, roles };
    },
    clientBasedCORS: () => false,
    findAccount: () => undefined,
    ttl: { ClientCredentials: tokenLifeSeconds },
    assertJwtClientAuthClaimsAndHeader: (_ctx, { exp }) => {
      if (typeof exp !== 'number' || exp > now().getTime() / 1000 + maxAssertionSeconds)
        throw new errors.InvalidClientAuth('the assertion expires too late');
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      dPoP: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx, indicator, client) => {
          if (indicator !== resource) throw new errors.InvalidTarget();
          const granted = client.scope ?? '';
          // The last place before the scopes are read: none asked for means all that were granted, and what was not
          // granted is refused, where the provider would leave it out in silence.
          const params = ctx.oidc.params ?? {};
          if (typeof params.scope === 'string') refuseOtherScopes(params.scope, granted);
          else params.scope = granted;
          return {
            audience,
            scope: granted,
            accessTokenTTL: tokenLifeSeconds,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'ES256', kid: keys[0]?.kid } },
          };
        },
      },
    },
  };
  const provider = new Provider(issuer, configuration);
  // Addresses in the metadata come from the forwarded headers, which the route sets to those of the issuer.
  provider.proxy = true;
  // Only hashes are stored, and several at once while a secret is being changed.
  provider.Client.prototype.compareClientSecret = function (this: Client, secret: string) {
    return isOneOf(identityOf(this).hashes, secret);
  };
  return provider;
}

function refuseOtherScopes(asked: string, granted: string): void {
  const allowed = new Set(granted.split(' '));
  const other = asked.split(' ').find((scope) => scope !== '' && !allowed.has(scope));
  if (other !== undefined) throw new errors.InvalidScope('requested scope is not granted to this client', other);
}

function identityOf(client: Client | undefined): ClientIdentity {
  const { kind, department, roles, hashes } = (client?.metadata() ?? {}) as ClientMetadata & Partial<ClientIdentity>;
  if (!kind || !department || !roles || !hashes) throw new Error('a client without its identity');
  return { kind, department, roles, hashes };
}
