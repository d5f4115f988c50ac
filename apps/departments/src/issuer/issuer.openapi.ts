import type { JsonSchema, RouteDocument } from '@govbus/platform';
import { tokenLifeSeconds } from './issuer';

const text: JsonSchema = { type: 'string' };
const form = (schema: JsonSchema): object => ({
  required: true,
  content: { 'application/x-www-form-urlencoded': { schema } },
});
const json = (description: string, schema: JsonSchema): object => ({
  description,
  content: { 'application/json': { schema } },
});
const failure = (description: string): object => json(description, { $ref: '#/components/schemas/OAuthError' });
const failures = {
  400: failure('the request is wrong, or asks for what was not granted'),
  401: failure('the client is not known, is suspended, or its proof is wrong'),
  503: failure('the refusal cannot be recorded now: try again'),
};
const assertion: Record<string, JsonSchema> = {
  client_id: text,
  client_assertion_type: { const: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' },
  client_assertion: { ...text, description: '`private_key_jwt`, ES256; or the secret by HTTP Basic in its place' },
};
const named = (operationId: string, summary: string): object => ({
  operationId,
  summary,
  tags: ['Issuer'],
  security: [],
});
const ofToken = { type: 'object', properties: { token: text, ...assertion }, required: ['token'] };
const metadata = json('metadata of the issuer', { type: 'object', additionalProperties: true });

/** The issuer's routes in the OpenAPI document: OAuth 2.0 answers, no problem documents. */
export const issuerDocument: RouteDocument = {
  schemas: {
    OAuthError: {
      type: 'object',
      properties: { error: text, error_description: text },
      required: ['error'],
      description: 'RFC 6749, section 5.2',
    },
    TokenResponse: {
      type: 'object',
      properties: {
        access_token: { ...text, description: 'RFC 9068, ES256' },
        token_type: { const: 'Bearer' },
        expires_in: { type: 'integer', description: 'seconds', maximum: tokenLifeSeconds },
        scope: text,
      },
      required: ['access_token', 'token_type', 'expires_in'],
    },
  },
  paths: {
    '/oidc/token': {
      post: {
        ...named('issueToken', 'Get an access token (client credentials, RFC 6749 section 4.4)'),
        requestBody: form({
          type: 'object',
          properties: {
            grant_type: { const: 'client_credentials' },
            scope: { ...text, description: 'with spaces; absent: all that were granted' },
            ...assertion,
          },
          required: ['grant_type'],
        }),
        responses: { 200: json('the token', { $ref: '#/components/schemas/TokenResponse' }), ...failures },
      },
    },
    '/oidc/token/introspection': {
      post: {
        ...named('introspectToken', 'Ask about an own token (RFC 7662)'),
        requestBody: form(ofToken),
        responses: {
          200: json('what is known of it', {
            type: 'object',
            properties: { active: { type: 'boolean' } },
            required: ['active'],
            additionalProperties: true,
          }),
          ...failures,
        },
      },
    },
    '/oidc/token/revocation': {
      post: {
        ...named('revokeToken', 'Revoke an own token (RFC 7009)'),
        requestBody: form(ofToken),
        responses: { 200: { description: 'it is not valid, or was not' }, ...failures },
      },
    },
    '/oidc/jwks': {
      get: {
        ...named('listIssuerKeys', 'List the public keys of the tokens (RFC 7517)'),
        responses: {
          200: json('the keys', {
            type: 'object',
            properties: { keys: { type: 'array', items: { type: 'object', additionalProperties: true } } },
            required: ['keys'],
          }),
        },
      },
    },
    '/oidc/.well-known/openid-configuration': {
      get: { ...named('showIssuer', 'Show the metadata of the issuer'), responses: { 200: metadata } },
    },
    '/.well-known/oauth-authorization-server/oidc': {
      get: {
        ...named('showAuthorizationServer', 'Show the metadata of the issuer (RFC 8414)'),
        responses: { 200: metadata },
      },
    },
  },
};
