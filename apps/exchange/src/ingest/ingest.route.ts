import { finished } from 'node:stream';
import { type BusEvent, Forbidden, Invalid, maxBatchEvents, maxEventBytes, Unavailable } from '@govbus/contracts';
import { Producer } from '@govbus/messaging';
import {
  actorOf,
  type Caller,
  callerOf,
  DescribesRoutes,
  EdgeError,
  LOGGER,
  type Logger,
  type NewAuditEntry,
  type Problem,
  problemOf,
  setCaller,
  TokenVerifier,
} from '@govbus/platform';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Acceptance } from './acceptance';
import { ingestDocument } from './ingest.openapi';
import { Refusals } from './refusals';
import { parseBody } from './strict-json';

/** Largest body of a batch, in bytes. */
export const maxBatchBytes = 8 * 1024 * 1024;
/** Most bytes of bodies held at once, over all requests. */
const maxHeldBytes = 128 * 1024 * 1024;
export const BUS_TOPIC = 'bus.events';

const structured = ['application/cloudevents+json', 'application/json'];
const batch = 'application/cloudevents-batch+json';

type Refused = { problem: Problem; dataset?: string };
type Outcome = { index: number; event: BusEvent } | ({ index: number; id?: string } & Refused);

/**
 * `POST /v1/events` on Fastify itself, below Nest's guards, pipes and filter, which would halve its throughput
 * (bench B1). It reads top to bottom: token, form, decision, schema, send, receipt.
 */
@Injectable()
@DescribesRoutes(ingestDocument)
export class IngestRoute implements OnModuleInit {
  private heldBytes = 0;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly tokens: TokenVerifier,
    private readonly acceptance: Acceptance,
    private readonly producer: Producer,
    private readonly refusals: Refusals,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onModuleInit(): Promise<void> {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    await fastify.register((scope, _options, done) => {
      scope.removeAllContentTypeParsers();
      const parser = (bodyLimit: number) => ({ parseAs: 'buffer' as const, bodyLimit });
      const keep = (_: FastifyRequest, body: string | Buffer, parsed: (error: null, body: string | Buffer) => void) =>
        parsed(null, body);
      scope.addContentTypeParser(structured, parser(maxEventBytes), keep);
      scope.addContentTypeParser(batch, parser(maxBatchBytes), keep);
      scope.setErrorHandler((error, request, reply) => this.refuse(error, request, reply));
      // Before the body is read: whoever may not publish does not make us take 8 MiB first.
      scope.addHook('onRequest', (request, reply) => this.admit(request, reply));
      scope.post('/v1/events', (request, reply) => this.publish(request, reply));
      done();
    });
  }

  private async admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const caller = await this.tokens.verify(request.headers.authorization);
    setCaller(request, caller);
    if (!caller.scopes.includes('events:publish'))
      throw new Forbidden('scope.missing', 'the token needs the scope `events:publish`');
    if ((request.headers['content-encoding'] ?? 'identity') !== 'identity')
      throw new EdgeError(415, 'media-type.unsupported', 'the body must not be compressed');
    const bytes = Math.min(Number(request.headers['content-length'] ?? maxBatchBytes), maxBatchBytes);
    if (this.heldBytes + bytes > maxHeldBytes)
      throw new Unavailable('bus.busy', 'too many events are on their way', { retryAfterSeconds: 1 });
    this.heldBytes += bytes;
    finished(reply.raw, () => (this.heldBytes -= bytes));
  }

  private async publish(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const caller = callerOf(request);
    if (!caller) throw new Error('not authenticated');
    if (!Buffer.isBuffer(request.body)) throw new Invalid('body.malformed', 'the body is empty');
    const body = parseBody(request.body);
    if (request.headers['content-type']?.toLowerCase().startsWith(batch))
      return this.publishBatch(body, caller, request, reply);
    const outcome = await this.outcomeOf(body, 0, caller);
    if ('problem' in outcome) return this.answer(outcome, request, reply);
    await this.producer.send(messageOf(outcome.event));
    const { id, source, dataset } = outcome.event;
    return reply.status(202).send({ id, source, dataset, status: 'accepted' });
  }

  private async publishBatch(body: unknown, caller: Caller, request: FastifyRequest, reply: FastifyReply) {
    if (!Array.isArray(body) || body.length === 0)
      throw new Invalid('event.invalid', 'a batch is an array of 1 or more events');
    if (body.length > maxBatchEvents)
      throw new Invalid('batch.too-long', `a batch holds at most ${maxBatchEvents} events`);
    const outcomes: Outcome[] = [];
    for (let index = 0; index < body.length; index += 1)
      outcomes.push(await this.outcomeOf(body[index], index, caller));
    const accepted = outcomes.flatMap((outcome) => ('event' in outcome ? [outcome.event] : []));
    const refused = outcomes.flatMap((outcome) => ('problem' in outcome ? [outcome] : []));
    await this.refusals.record(refusalEntries(refused, caller, request.id));
    if (accepted.length > 0) await this.producer.sendAll(accepted.map(messageOf));
    return reply
      .status(refused.length === 0 ? 202 : 207)
      .send({ accepted: accepted.length, refused: refused.length, results: outcomes.map(resultOf) });
  }

  private async outcomeOf(value: unknown, index: number, caller: Caller): Promise<Outcome> {
    try {
      return { index, event: await this.acceptance.accept(value, caller) };
    } catch (error) {
      const problem = problemOf(error);
      // A fault of ours is no refusal of this event: the whole request fails and may be sent again.
      if (problem.status >= 500) throw error;
      const { id, dataset } = claimsOf(value);
      return { index, id, dataset, problem };
    }
  }

  /** Answers an error of the request as a whole. */
  private refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const problem = problemOf(error);
    if (problem.status >= 500 && problem.status !== 503)
      this.logger.error({ err: error, traceId: request.id, route: '/v1/events' }, 'request failed');
    return this.answer({ problem }, request, reply);
  }

  private async answer(refused: Refused, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    let { problem } = refused;
    try {
      const entries = refusalEntries([refused], callerOf(request), request.id);
      if (problem.status < 500) await this.refusals.record(entries);
    } catch (failure) {
      problem = problemOf(failure);
    }
    return reply
      .status(problem.status)
      .headers(problem.headers)
      .type('application/problem+json')
      .send({ ...problem.body, traceId: request.id });
  }
}

const headers = { 'content-type': 'application/cloudevents+json' };
const messageOf = (event: BusEvent) => ({
  topic: BUS_TOPIC,
  key: event.dataset,
  value: JSON.stringify(event),
  headers,
});

function resultOf(outcome: Outcome) {
  if ('event' in outcome) return { index: outcome.index, id: outcome.event.id, status: 'accepted' };
  const { code, detail, faults, explanation } = outcome.problem.body;
  return { index: outcome.index, id: outcome.id, status: 'refused', problem: { code, detail, faults, explanation } };
}

// Who it claims to be, for the receipt and the audit entry; only where it is well-formed.
function claimsOf(value: unknown): { id?: string; dataset?: string } {
  const { id, dataset } = (value ?? {}) as { id?: unknown; dataset?: unknown };
  return {
    id: typeof id === 'string' && id.length <= 512 ? id : undefined,
    dataset: typeof dataset === 'string' && /^[a-z0-9][a-z0-9-]{1,62}$/.test(dataset) ? dataset : undefined,
  };
}

/** One entry for each code and dataset of a request; no payload, no id of an event. */
function refusalEntries(refused: Refused[], caller: Caller | undefined, traceId: string): NewAuditEntry[] {
  const entries = new Map<string, NewAuditEntry & { records: number }>();
  for (const { problem, dataset } of refused) {
    const key = `${problem.body.code}|${dataset ?? ''}`;
    const entry = entries.get(key);
    if (entry) entry.records += 1;
    else
      entries.set(key, {
        action: 'refuse',
        operation: 'events:publish',
        outcome: problem.body.code === 'decision.denied' ? 'denied' : 'refused',
        actor: caller ? actorOf(caller) : { id: 'anonymous', kind: 'anonymous' },
        datasetId: dataset,
        records: 1,
        entity: `request:${traceId}`.slice(0, 120),
        code: problem.body.code,
        reason: problem.body.detail.slice(0, 500),
      });
  }
  return [...entries.values()];
}
