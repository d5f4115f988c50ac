import { createPrivateKey, type KeyObject, randomUUID } from 'node:crypto';
import { Clock, readSecretFile } from '@govbus/platform';
import { endpointsOf } from '@govbus/platform/issuer';
import { Injectable } from '@nestjs/common';
import jwt from 'jsonwebtoken';
import { AppConfig } from '../app.config';
import { type Answer, OutgoingHttp } from './outgoing-http';

const assertionSeconds = 60;
/** A token is renewed this long before it expires, so that none expires on its way. */
const renewBeforeMs = 60_000;

/**
 * The access token of this service's own system, by client credentials with `private_key_jwt`.
 *
 * Source: RFC 7523 section 2.2; RFC 6749 section 4.4.
 */
@Injectable()
export class AccessToken {
  private key: { privateKey: KeyObject; kid?: string } | undefined;
  private token: { value: string; renewAt: number } | undefined;
  private fetching: Promise<string> | undefined;

  constructor(
    private readonly config: AppConfig,
    private readonly clock: Clock,
    private readonly http: OutgoingHttp,
  ) {}

  /** A token that is good for at least a minute; one request at a time asks for a new one. */
  async get(): Promise<string> {
    if (this.token && this.clock.now().getTime() < this.token.renewAt) return this.token.value;
    this.fetching ??= this.fetch().finally(() => (this.fetching = undefined));
    return this.fetching;
  }

  /** Forgets a token that was refused. */
  forget(): void {
    this.token = undefined;
  }

  private async fetch(): Promise<string> {
    const now = this.clock.now().getTime();
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      scope: 'events:read',
      client_id: this.config.CASE_ROUTING_SYSTEM,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: this.assertion(now),
    });
    const { tokenUrl } = await endpointsOf(this.config.OIDC_ISSUER);
    const answer = await this.http.ask('token', tokenUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: body.toString(),
    });
    const { value, expiresIn } = readToken(answer);
    this.token = { value, renewAt: now + expiresIn * 1000 - renewBeforeMs };
    return value;
  }

  private assertion(now: number): string {
    const { privateKey, kid } = (this.key ??= readKey(this.config.CASE_ROUTING_KEY_FILE));
    const seconds = Math.floor(now / 1000);
    const claims = {
      iss: this.config.CASE_ROUTING_SYSTEM,
      sub: this.config.CASE_ROUTING_SYSTEM,
      aud: this.config.OIDC_ISSUER,
      jti: randomUUID(),
      iat: seconds,
      exp: seconds + assertionSeconds,
    };
    return jwt.sign(claims, privateKey, { algorithm: 'ES256', ...(kid && { keyid: kid }) });
  }
}

function readKey(path: string): { privateKey: KeyObject; kid?: string } {
  const jwk: { kid?: string } = JSON.parse(readSecretFile('CASE_ROUTING_KEY_FILE', path));
  return { privateKey: createPrivateKey({ key: jwk, format: 'jwk' }), kid: jwk.kid };
}

function readToken(answer: Answer): { value: string; expiresIn: number } {
  const { access_token: value, expires_in: expiresIn } = answer;
  if (typeof value !== 'string' || typeof expiresIn !== 'number')
    throw new Error('the issuer answered without a token');
  return { value, expiresIn };
}
