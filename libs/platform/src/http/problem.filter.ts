import { DomainError } from '@govbus/contracts';
import { type ArgumentsHost, Catch, Inject, Injectable, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { throwError } from 'rxjs';
import { actorOf, Audit } from '../audit';
import { callerOf } from '../auth/caller';
import { LOGGER, type Logger } from '../logger';
import { type Problem, type ProblemDocument, problemOf } from './problem';

/** Every error of every route as a problem document; refusals leave their audit entry before the answer goes out (P2). */
@Catch()
@Injectable()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly audit: Audit,
  ) {}

  catch(error: unknown, host: ArgumentsHost): unknown {
    // A message handler's error belongs to the transport, which parks it; Nest would hide its cause. Not in a promise:
    // behind an interceptor, Nest would take what the promise holds for the handler's answer, and the error for handled.
    if (host.getType() === 'rpc') return throwError(() => error);
    return this.answer(error, host);
  }

  private async answer(error: unknown, host: ArgumentsHost): Promise<unknown> {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    let problem = problemOf(error);
    if (problem.status >= 500 && problem.status !== 503)
      this.logger.error({ err: error, traceId: request.id, route: request.routeOptions.url }, 'request failed');
    if (problem.body.code === 'database.away')
      this.logger.warn({ err: error, traceId: request.id, route: request.routeOptions.url }, 'database away');
    if (isRefusal(problem, request.method)) {
      try {
        await this.recordRefusal(request, error, problem.body);
      } catch (failure) {
        this.logger.error({ err: failure, traceId: request.id }, 'refusal not recorded');
        problem = problemOf(failure);
      }
    }
    return reply
      .status(problem.status)
      .headers(problem.headers)
      .type('application/problem+json')
      .send({ ...problem.body, traceId: request.id });
  }

  private recordRefusal(request: FastifyRequest, error: unknown, { code, detail }: ProblemDocument): Promise<void> {
    const caller = callerOf(request);
    return this.audit.refused({
      action: 'refuse',
      operation: `${request.method} ${request.routeOptions.url ?? 'unknown'}`.slice(0, 80),
      outcome: code === 'decision.denied' ? 'denied' : 'refused',
      actor: caller ? actorOf(caller) : { id: 'anonymous', kind: 'anonymous' },
      ...(error instanceof DomainError && error.details.about),
      code,
      reason: detail.slice(0, 500),
    });
  }
}

// Reads that fail for the caller's own mistake are no access and change nothing, nor does what has no route; denials
// always count. So does a change of what is not there: what is hidden from the caller is answered in the same way.
const isRefusal = (problem: Problem, method: string): boolean =>
  problem.status === 401 ||
  problem.status === 403 ||
  (problem.status < 500 && !isNowhere(problem) && method !== 'GET' && method !== 'HEAD');
const isNowhere = ({ status, body }: Problem): boolean => status === 405 || body.code === 'route.unknown';
