import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { EdgeError } from '../http/problem';
import { SCOPES, setCaller } from './caller';
import { TokenVerifier } from './token-verifier';

/** Closed by default: a route opens by `@Scopes`, `@AnyCaller` or `@Public` alone. */
@Injectable()
export class BearerGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly verifier: TokenVerifier,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const allowed = this.reflector.getAllAndOverride<string[] | 'any' | 'public' | undefined>(SCOPES, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (allowed === 'public') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const caller = await this.verifier.verify(request.headers.authorization);
    setCaller(request, caller);
    if (allowed === 'any') return true;
    if (allowed?.some((scope) => caller.scopes.includes(scope))) return true;
    throw scopeMissing(allowed ?? []);
  }
}

/** 403 `scope.missing`: the token is good and lacks all of these scopes. Source: RFC 6750, section 3.1. */
export const scopeMissing = (allowed: string[]): EdgeError =>
  new EdgeError(403, 'scope.missing', `the token needs the scope \`${allowed.join('` or `') || 'none'}\``, {
    'www-authenticate': `Bearer error="insufficient_scope", scope="${allowed.join(' ')}"`,
  });
