import { Forbidden } from '@govbus/contracts';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
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
    throw new Forbidden('scope.missing', `the token needs the scope \`${allowed?.join('` or `') ?? 'none'}\``);
  }
}
