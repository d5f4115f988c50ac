import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { EdgeError } from './problem';

/**
 * Guards what is a disclosure: Fastify answers HEAD by the handler of GET, so a page, a stream or a file that nobody is sent
 * would be counted and recorded.
 */
@Injectable()
export class GetOnly implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { method } = context.switchToHttp().getRequest<FastifyRequest>();
    if (method !== 'GET') throw new EdgeError(405, 'method.not-allowed', 'it can only be got', { allow: 'GET' });
    return true;
  }
}
