import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { PrincipalKind, Scope } from '@govbus/contracts';
import type { FastifyRequest } from 'fastify';

/** Who calls, as the verified token says. */
export type Caller = { id: string; kind: PrincipalKind; department: string; roles: string[]; scopes: string[] };

const callers = new WeakMap<object, Caller>();
/** Remembers the verified caller of a request. Only the guard and the hot route call it. */
export function setCaller(request: object, caller: Caller): void {
  callers.set(request, caller);
}
/** The verified caller of a request; undefined on public routes. */
export const callerOf = (request: object): Caller | undefined => callers.get(request);

export const SCOPES = 'govbus:scopes';
/** The token must hold one of these scopes. A route with neither this nor `@Public()` is closed. */
export const Scopes = (...allowed: Scope[]) => SetMetadata(SCOPES, allowed);
/** Any valid token will do. */
export const AnyCaller = () => SetMetadata(SCOPES, 'any');
/** No token is asked for. */
export const Public = () => SetMetadata(SCOPES, 'public');

/** The verified caller as a parameter. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const caller = callerOf(context.switchToHttp().getRequest<FastifyRequest>());
  if (!caller) throw new Error('a public route asked for its caller');
  return caller;
});
