import type { IncomingHttpHeaders } from 'node:http';
import { Invalid, maxBatchEvents, maxEventBytes } from '@govbus/contracts';
import { Producer } from '@govbus/messaging';
import {
  type Caller,
  callerOf,
  DescribesRoutes,
  LOGGER,
  type Logger,
  type Problem,
  problemOf,
  scopeMissing,
  setCaller,
  TokenVerifier,
  untraced,
} from '@govbus/platform';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ExchangeMetrics } from '../operations/exchange-metrics';
import { attributesOf } from './binary-mode';
import { Breath } from './breath';
import { decoderOf, inflated } from './content-encoding';
import { anyJsonType, batchType, modeOf, streamTypes, structuredType } from './content-mode';
import { EventStream, streamBytes } from './event-stream';
import { HeldBytes } from './held-bytes';
import { IngestLimits } from './ingest-limits';
import { ingestDocument } from './ingest.openapi';
import { messageOf, type Outcome, refusedIn, resultOf } from './outcome';
import { asksAtomic, isAtomic, strictApplied } from './preference';
import { Publication } from './publication';
import { RecentAcceptances } from './recent-acceptances';
import { Refusals } from './refusals';
import { isKeyed, RepeatedRequests, replay } from './repeated-requests';
import { requestTimeoutExemption } from './request-timeout';
import { parseBody } from './strict-json';

/** Largest body of a batch, in bytes. */
export const maxBatchBytes = 8 * 1024 * 1024;

/**
 * `POST /v1/events` on Fastify itself, below Nest's guards, pipes and filter, which would halve its throughput
 * (bench `publish`). It reads top to bottom: token, limits, form, outcome (`Publication`), send, receipt.
 */
@Injectable()
@DescribesRoutes(ingestDocument)
export class IngestRoute implements OnModuleInit {
  private mayTakeLong: ReturnType<typeof requestTimeoutExemption>;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly tokens: TokenVerifier,
    private readonly publication: Publication,
    private readonly stream: EventStream,
    private readonly producer: Producer,
    private readonly refusals: Refusals,
    private readonly metrics: ExchangeMetrics,
    private readonly limits: IngestLimits,
    private readonly held: HeldBytes,
    private readonly recent: RecentAcceptances,
    private readonly repeated: RepeatedRequests,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    this.mayTakeLong = requestTimeoutExemption(fastify.server);
    // Not awaited: Fastify would begin to load, and the routes of Nest would get its own error handler.
    void fastify.register((scope, _options, done) => {
      scope.removeAllContentTypeParsers();
      const parser = (bodyLimit: number) => ({ parseAs: 'buffer' as const, bodyLimit });
      const keep = (_: FastifyRequest, body: string | Buffer, parsed: (error: null, body: string | Buffer) => void) =>
        parsed(null, body);
      scope.addContentTypeParser([structuredType, 'application/json'], parser(maxEventBytes), keep);
      scope.addContentTypeParser(anyJsonType, parser(maxEventBytes), keep);
      scope.addContentTypeParser(batchType, parser(maxBatchBytes), keep);
      scope.addContentTypeParser(streamTypes, (_request, _payload, unread) => unread(null));
      scope.setErrorHandler((error, request, reply) => this.refuse(error, request, reply));
      // Before the body is read: whoever may not publish does not make us take 8 MiB first.
      scope.addHook('onRequest', (request, reply) => this.admit(request, reply));
      scope.post('/v1/events', { config: untraced }, (request, reply) => this.publish(request, reply));
      done();
    });
  }

  private async admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const caller = await this.tokens.verify(request.headers.authorization);
    setCaller(request, caller);
    if (!caller.scopes.includes('events:publish')) throw scopeMissing(['events:publish']);
    this.limits.admit(caller.id);
    this.held.take({ caller, ...heldFor(request.headers) }, reply.raw);
  }

  private async publish(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const caller = callerOf(request);
    if (!caller) throw new Error('not authenticated');
    const mode = modeOf(request.headers);
    if (mode === 'stream') return this.publishStream(caller, request, reply);
    if (!Buffer.isBuffer(request.body)) throw new Invalid('body.malformed', 'the body is empty');
    let bytes: Buffer = request.body;
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined)
      bytes = await inflated(bytes, encoding, mode === 'batch' ? maxBatchBytes : maxEventBytes);
    if (isKeyed(request)) {
      const kept = await this.repeated.claim(request, caller, bytes);
      if (kept) return replay(kept, reply);
    }
    if (mode === 'batch') return this.publishBatch(bytes, caller, request, reply);
    this.charge(caller, 1, bytes, reply);
    const outcome = await this.outcomeOf(bytes, mode === 'binary' ? request.raw.rawHeaders : undefined, caller);
    if ('problem' in outcome) {
      await this.publication.record([outcome], caller, request.id);
      return this.answer(outcome.problem, request, reply);
    }
    await this.producer.send(messageOf(outcome.event));
    this.recent.note(outcome.event);
    this.metrics.accepted.single.add();
    const { id, source, dataset } = outcome.event;
    return this.accepted(202, { id, source, dataset, status: 'accepted' }, request, reply);
  }

  // Apart, as is that of a batch: what was parsed is garbage before Kafka is waited for.
  private outcomeOf(bytes: Buffer, headers: string[] | undefined, caller: Caller): Promise<Outcome> {
    const value = headers ? { ...attributesOf(headers), data: parseBody(bytes) } : parseBody(bytes);
    return this.publication.outcomeOf(value, 0, caller);
  }

  private charge(caller: Caller, events: number, bytes: Buffer, reply: FastifyReply): void {
    this.limits.charge(caller.id, events, bytes.length);
    void reply.headers(this.limits.headersOf(caller.id));
  }

  private accepted(status: number, body: object, request: FastifyRequest, reply: FastifyReply) {
    if (!isKeyed(request)) return reply.status(status).send(body);
    return this.repeated.keep(request, status, body).then(() => reply.status(status).send(body));
  }

  private async publishBatch(bytes: Buffer, caller: Caller, request: FastifyRequest, reply: FastifyReply) {
    const { outcomes, atomic } = await this.outcomesOf(bytes, caller, request, reply);
    await this.publication.record(outcomes, caller, request.id);
    const refused = refusedIn(outcomes).length;
    if (atomic && refused > 0) {
      if (isKeyed(request)) await this.repeated.release(request);
      return refuseBatch(outcomes, request, reply);
    }
    await this.publication.send(outcomes);
    this.metrics.accepted.batch.add(outcomes.length - refused);
    const results = outcomes.map((outcome) => resultOf(outcome));
    const receipt = { accepted: outcomes.length - refused, refused, results };
    return this.accepted(refused === 0 ? 202 : 207, receipt, request, reply);
  }

  private async outcomesOf(bytes: Buffer, caller: Caller, request: FastifyRequest, reply: FastifyReply) {
    const body = parseBody(bytes);
    if (!Array.isArray(body)) throw new Invalid('event.invalid', 'a batch is an array of events');
    if (body.length > maxBatchEvents)
      throw new Invalid('batch.too-long', `a batch holds at most ${maxBatchEvents} events`);
    const atomic = isAtomic(request);
    this.charge(caller, body.length, bytes, reply);
    reply.headers(strictApplied(request));
    const outcomes: Outcome[] = [];
    const breath = new Breath();
    for (let index = 0; index < body.length; index += 1) {
      if (breath.isDue) await breath.take();
      outcomes.push(await this.publication.outcomeOf(body[index], index, caller));
    }
    return { outcomes, atomic };
  }

  private async publishStream(caller: Caller, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    if (asksAtomic(request)) throw new Invalid('request.invalid', 'a stream cannot be `atomic`: send a batch');
    if (isKeyed(request)) throw new Invalid('request.invalid', 'a stream takes no idempotency key: send a batch');
    const { raw, headers, id: traceId } = request;
    this.mayTakeLong(raw.socket);
    reply.header('connection', 'close');
    const decoder = decoderOf(headers['content-encoding'])?.stream();
    const giveUp = () => void reply.raw.destroy();
    const answers = await this.stream.answers({
      payload: raw,
      decoder,
      caller,
      traceId,
      giveUp,
      accepted: this.metrics.accepted.stream,
    });
    return reply.type('application/x-ndjson').send(answers);
  }

  /** Answers an error of the request as a whole. */
  private async refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const problem = problemOf(error);
    if (problem.status >= 500 && problem.status !== 503)
      this.logger.error({ err: error, traceId: request.id, route: '/v1/events' }, 'request failed');
    return this.answer(await this.refusals.settle(problem, callerOf(request), request.id), request, reply);
  }

  private async answer(problem: Problem, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    let told = problem;
    try {
      if (isKeyed(request)) await this.repeated.release(request);
    } catch (failure) {
      told = problemOf(failure);
    }
    return reply
      .status(told.status)
      .headers(told.headers)
      .type('application/problem+json')
      .send({ ...told.body, traceId: request.id });
  }
}

/** The most bytes that a request makes us hold, as far as its headers tell. */
function heldFor(headers: IncomingHttpHeaders): { bytes: number; isStream: boolean } {
  const mode = modeOf(headers);
  if (mode === 'stream') return { bytes: streamBytes, isStream: true };
  const most = mode === 'batch' ? maxBatchBytes : maxEventBytes;
  const sent = Math.min(Number(headers['content-length'] ?? most), most);
  const isInflated = decoderOf(headers['content-encoding']) !== undefined;
  return { bytes: isInflated ? sent + most : sent, isStream: false };
}

/** Answers a batch of which all or nothing is taken; its refusals are recorded. */
function refuseBatch(outcomes: Outcome[], request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, body } = problemOf(new Invalid('batch.refused', 'none is accepted because some are refused'));
  const results = outcomes.map((outcome) => resultOf(outcome, 'withheld'));
  return reply
    .status(status)
    .type('application/problem+json')
    .send({ ...body, traceId: request.id, results });
}
