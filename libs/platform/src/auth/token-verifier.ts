import { createPublicKey, type KeyObject } from 'node:crypto';
import { Unavailable } from '@govbus/contracts';
import { Inject, Injectable } from '@nestjs/common';
import jwt from 'jsonwebtoken';
import { JwksClient } from 'jwks-rsa';
import { LRUCache } from 'lru-cache';
import { Clock } from '../clock';
import { ServiceConfig } from '../config';
import { EdgeError } from '../http/problem';
import type { Caller } from './caller';

/** Whoever knows which principals are suspended. */
export interface PrincipalStatus {
  /** False only for a principal known to be suspended, itself or by its department. */
  isActive(principalId: string): boolean | Promise<boolean>;
}
/** Injection token of the `PrincipalStatus`; the registry copy by default. */
export const PRINCIPAL_STATUS = Symbol('PRINCIPAL_STATUS');

type Claims = jwt.JwtPayload & { department?: string; kind?: string; roles?: string[]; scope?: string };
type Verified = { caller: Caller; expiresAt: number };

/**
 * Verifies RFC 9068 access tokens (`at+jwt`, ES256) against the issuer's cached keys.
 *
 * Errors: `EdgeError` 401 `token.missing`, `token.invalid`, `token.expired`, `token.audience`, `token.revoked`;
 *   `Unavailable` `issuer.unavailable` when the keys cannot be fetched.
 */
@Injectable()
export class TokenVerifier {
  private readonly keys: JwksClient;
  private readonly keyObjects = new LRUCache<string, KeyObject>({ max: 20, ttl: 10 * 60_000 });
  private readonly verified = new LRUCache<string, Verified>({ max: 10_000 });

  constructor(
    private readonly config: ServiceConfig,
    private readonly clock: Clock,
    @Inject(PRINCIPAL_STATUS) private readonly status: PrincipalStatus,
  ) {
    this.keys = new JwksClient({
      jwksUri: `${config.OIDC_ISSUER}/jwks`,
      cache: false,
      timeout: 5_000,
    });
  }

  /** The caller of a request with this `Authorization` header. */
  async verify(header: string | undefined): Promise<Caller> {
    const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(header ?? '')?.[1];
    if (!token) throw new EdgeError(401, 'token.missing', 'no bearer token in the authorization header', challenge());
    let known = this.verified.get(token);
    if (!known) {
      known = await this.check(token);
      this.verified.set(token, known);
    }
    if (known.expiresAt <= this.clock.now().getTime()) throw unauthorized('token.expired', 'the token has expired');
    if (!(await this.status.isActive(known.caller.id)))
      throw unauthorized('token.revoked', 'the holder of this token is suspended');
    return known.caller;
  }

  /** Fetches the issuer's keys: throws while they cannot be had (readiness). */
  async ready(): Promise<void> {
    if (this.keyObjects.size === 0) await this.fetchKeys();
  }

  private async check(token: string): Promise<Verified> {
    const header = jwt.decode(token, { complete: true })?.header;
    if (!header?.kid || !/^(application\/)?at\+jwt$/i.test(header.typ ?? ''))
      throw unauthorized('token.invalid', 'not an access token of this issuer');
    const key = await this.keyOf(header.kid);
    let claims: Claims;
    try {
      const clockTimestamp = Math.floor(this.clock.now().getTime() / 1000);
      const options = { algorithms: ['ES256' as const], issuer: this.config.OIDC_ISSUER, clockTimestamp };
      claims = jwt.verify(token, key, options) as Claims;
    } catch (error) {
      if (error instanceof jwt.TokenExpiredError) throw unauthorized('token.expired', 'the token has expired');
      throw unauthorized('token.invalid', 'the token was not issued by this issuer or was changed');
    }
    const audiences = [claims.aud ?? []].flat();
    if (!audiences.includes(this.config.AUDIENCE))
      throw unauthorized('token.audience', 'the token is meant for another audience');
    const { sub, department, kind, roles, scope, exp } = claims;
    if (!sub || !department || exp === undefined || (kind !== 'system' && kind !== 'officer'))
      throw unauthorized('token.invalid', 'the token lacks `sub`, `department`, `kind` or `exp`');
    const scopes = (scope ?? '').split(' ').filter((s) => s !== '');
    return { caller: { id: sub, kind, department, roles: roles ?? [], scopes }, expiresAt: exp * 1000 };
  }

  private async keyOf(kid: string): Promise<KeyObject> {
    const known = this.keyObjects.get(kid);
    if (known) return known;
    await this.fetchKeys();
    const key = this.keyObjects.get(kid);
    if (!key) throw unauthorized('token.invalid', 'the token is signed with an unknown key');
    return key;
  }

  private fetching: Promise<void> | undefined;
  private lastFetch = 0;
  // One request at a time, and not more than one a second: forged key ids must not become load on the issuer.
  private fetchKeys(): Promise<void> {
    const now = this.clock.now().getTime();
    if (!this.fetching && this.keyObjects.size > 0 && Math.abs(now - this.lastFetch) < 1000) return Promise.resolve();
    this.lastFetch = now;
    this.fetching ??= this.keys
      .getSigningKeys()
      .then((keys) => keys.forEach((key) => this.keyObjects.set(key.kid, createPublicKey(key.getPublicKey()))))
      .catch((cause: unknown) => {
        throw new Unavailable('issuer.unavailable', 'the issuer of the tokens does not answer', {
          cause,
          retryAfterSeconds: 2,
        });
      })
      .finally(() => (this.fetching = undefined));
    return this.fetching;
  }
}

// Source: RFC 6750, section 3: without a token, no error is named.
const challenge = (error?: string, description?: string): Record<string, string> => ({
  'www-authenticate': error ? `Bearer error="${error}", error_description="${description}"` : 'Bearer',
});
const unauthorized = (code: string, message: string): EdgeError =>
  new EdgeError(401, code, message, challenge('invalid_token', message));
