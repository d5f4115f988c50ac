import { createPublicKey, type KeyObject } from 'node:crypto';
import { Unavailable } from '@govbus/contracts';
import { Inject, Injectable } from '@nestjs/common';
import jwt from 'jsonwebtoken';
import { JwksClient } from 'jwks-rsa';
import { LRUCache } from 'lru-cache';
import { Clock } from '../clock';
import { ServiceConfig } from '../config';
import { EdgeError } from '../http/problem';
import { LOGGER, type Logger } from '../logger';
import type { Caller } from './caller';
import { decodedToken } from './decoded-token';
import { endpointsFor } from './issuer-endpoints';

/** Whoever knows which principals are suspended. */
export interface PrincipalStatus {
  /** False only for a principal known to be suspended, itself or by its department. */
  isActive(principalId: string): boolean | Promise<boolean>;
}
/** Injection token of the `PrincipalStatus`; the registry copy by default. */
export const PRINCIPAL_STATUS = Symbol('PRINCIPAL_STATUS');

type Claims = jwt.JwtPayload & {
  client_id?: string;
  cnf?: unknown;
  department?: string;
  kind?: string;
  roles?: string[];
  scope?: string;
};
type Verified = { caller: Caller; expiresAt: number };

const keysLifeMs = 10 * 60_000;
const betweenFetchesMs = 5_000;
const betweenWarningsMs = 60_000;

/**
 * Verifies RFC 9068 access tokens (`at+jwt`, ES256) against the issuer's cached keys; they are fetched anew for a token
 * that fits none of them.
 *
 * Errors: `EdgeError` 401 `token.missing`, `token.invalid`, `token.expired`, `token.audience`, `token.bound`,
 *   `token.revoked`; `Unavailable` `issuer.unavailable` when the keys cannot be fetched.
 */
@Injectable()
export class TokenVerifier {
  private keys = new Map<string, KeyObject>();
  private fetchedAt = -Infinity;
  private askedAt = -Infinity;
  private warnedAt = -Infinity;
  private fetching: Promise<void> | undefined;
  private readonly verified = new LRUCache<string, Verified>({ max: 10_000 });

  constructor(
    private readonly config: ServiceConfig,
    private readonly clock: Clock,
    @Inject(PRINCIPAL_STATUS) private readonly status: PrincipalStatus,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

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
    if (this.keys.size === 0) await this.fetchKeys();
  }

  private async check(token: string): Promise<Verified> {
    const header = decodedToken(token)?.header;
    if (!header?.kid || !/^(application\/)?at\+jwt$/i.test(header.typ ?? ''))
      throw unauthorized('token.invalid', 'not an access token of this issuer');
    const claims = await this.claimsOf(token, header.kid);
    const audiences = [claims.aud ?? []].flat();
    if (!audiences.includes(this.config.AUDIENCE))
      throw unauthorized('token.audience', 'the token is meant for another audience');
    // Source: RFC 9449, section 7.2. Whoever holds it has not shown the key that it is bound to; proofs are not taken.
    if (claims.cnf !== undefined)
      throw unauthorized('token.bound', 'the token is bound to a key (`cnf`), and bearer tokens alone are taken');
    const { sub, client_id: clientId, jti, iat, exp, department, kind, roles, scope } = claims;
    if (!isText(sub) || !isText(clientId) || !isText(jti) || typeof iat !== 'number' || typeof exp !== 'number')
      throw unauthorized('token.invalid', 'the token lacks `sub`, `client_id`, `jti`, `iat` or `exp`');
    if (!isText(department) || (kind !== 'system' && kind !== 'officer'))
      throw unauthorized('token.invalid', 'the token lacks `department` or `kind`');
    if (typeof (scope ?? '') !== 'string' || !Array.isArray(roles ?? []))
      throw unauthorized('token.invalid', 'the `scope` of the token is no text, or its `roles` are no list');
    const scopes = (scope ?? '').split(' ').filter((s) => s !== '');
    return { caller: { id: sub, kind, department, roles: roles ?? [], scopes }, expiresAt: exp * 1000 };
  }

  private async claimsOf(token: string, kid: string, refused?: KeyObject): Promise<Claims> {
    const key = await this.keyOf(kid, refused);
    try {
      const clockTimestamp = Math.floor(this.clock.now().getTime() / 1000);
      const options = { algorithms: ['ES256' as const], issuer: this.config.OIDC_ISSUER, clockTimestamp };
      return jwt.verify(token, key, options) as Claims;
    } catch (error) {
      if (error instanceof jwt.TokenExpiredError) throw unauthorized('token.expired', 'the token has expired');
      // The issuer may have another key by now under the same id.
      if (!refused && isOtherSignature(error)) return this.claimsOf(token, kid, key);
      throw unauthorized('token.invalid', notOurs);
    }
  }

  // `refused` is the key by this id that the token is not signed with.
  private async keyOf(kid: string, refused?: KeyObject): Promise<KeyObject> {
    const known = this.keys.get(kid);
    if (!known || known === refused || !this.isFresh(this.clock.now().getTime())) await this.fetchKeys();
    const key = this.keys.get(kid);
    if (!key) throw unauthorized('token.invalid', 'the token is signed with an unknown key');
    if (key === refused) throw unauthorized('token.invalid', notOurs);
    return key;
  }

  private isFresh(now: number): boolean {
    return Math.abs(now - this.fetchedAt) < keysLifeMs;
  }

  // One fetch at a time, and while the keys are fresh not more than one in some seconds: forged tokens must not become
  // load on the issuer.
  private fetchKeys(): Promise<void> {
    const now = this.clock.now().getTime();
    if (!this.fetching && this.isFresh(now) && Math.abs(now - this.askedAt) < betweenFetchesMs)
      return Promise.resolve();
    this.askedAt = now;
    this.fetching ??= this.publishedKeys()
      .then((keys) => {
        this.keys = keys;
        this.fetchedAt = now;
      })
      .catch((cause: unknown) => {
        this.warn(cause, now);
        throw new Unavailable('issuer.unavailable', 'the issuer of the tokens does not answer', {
          cause,
          retryAfterSeconds: 2,
        });
      })
      .finally(() => (this.fetching = undefined));
    return this.fetching;
  }

  private warn(cause: unknown, now: number): void {
    if (Math.abs(now - this.warnedAt) < betweenWarningsMs) return;
    this.warnedAt = now;
    this.logger.warn({ err: cause, issuer: this.config.OIDC_ISSUER }, 'the keys of the issuer cannot be fetched');
  }

  private async publishedKeys(): Promise<Map<string, KeyObject>> {
    const { keysUrl: jwksUri } = await endpointsFor(this.config);
    const keys = await new JwksClient({ jwksUri, cache: false, timeout: 5_000 }).getSigningKeys();
    return new Map(keys.map((key) => [key.kid, createPublicKey(key.getPublicKey())]));
  }
}

const isText = (claim: unknown): claim is string => typeof claim === 'string' && claim !== '';
const notOurs = 'the token was not issued by this issuer or was changed';
const isOtherSignature = (error: unknown): boolean =>
  error instanceof jwt.JsonWebTokenError && error.message === 'invalid signature';
// Source: RFC 6750, section 3: without a token, no error is named.
const challenge = (error?: string, description?: string): Record<string, string> => ({
  'www-authenticate': error ? `Bearer error="${error}", error_description="${description}"` : 'Bearer',
});
const unauthorized = (code: string, message: string): EdgeError =>
  new EdgeError(401, code, message, challenge('invalid_token', message));
