import { PassThrough, Readable, type Transform } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { DomainError, Invalid, maxEventBytes, Unavailable } from '@govbus/contracts';
import { type Caller, type Cell, EdgeError, LOGGER, type Logger, problemOf } from '@govbus/platform';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Breath } from './breath';
import { inflateError } from './content-encoding';
import { IngestLimits } from './ingest-limits';
import { type Line, LineReader } from './line-reader';
import { type Outcome, refusedIn, resultOf } from './outcome';
import { Publication } from './publication';
import { Refusals } from './refusals';
import { parseBody } from './strict-json';

/** Most lines that wait for their acknowledgement; what comes behind them is not read. */
export const maxWaitingLines = 1_000;
/** What a stream makes us hold at most, in bytes: a line, a chunk, its events, and answers not read yet. */
export const streamBytes = 4 * 1024 * 1024;
/** How long a stream may stand still, in milliseconds: no line comes, or its answers are not read. */
export const maxIdleMs = 30_000;
// How often a full queue is tried again, and how long between, in milliseconds.
const [busyTries, busyPauseMs] = [50, 100];
// So often it is looked, while a stream rests, whether it has ended; in milliseconds.
const restStepMs = 500;

/** A request whose body is one event a line. */
export type LineRequest = {
  payload: Readable;
  /** What undoes the content encoding, if there is one. */
  decoder?: Transform;
  caller: Caller;
  traceId: string;
  /** Ends the connection of a client that does not read its answers. */
  giveUp: () => void;
  /** Counts what is accepted. */
  accepted?: Cell;
};

/**
 * Publishes a stream of lines and answers each in its order, with memory that does not grow with the stream.
 *
 * Shape: lines go in groups, of what has arrived and at most `maxWaitingLines`: decided, refusals recorded, accepted
 * ones sent and acknowledged, answered; only then is more read. What was answered `accepted` stays so, whatever follows.
 */
@Injectable()
export class EventStream implements OnModuleDestroy {
  private readonly inputs = new Set<Readable>();

  constructor(
    private readonly publication: Publication,
    private readonly limits: IngestLimits,
    private readonly refusals: Refusals,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Streams end with what is acknowledged, so that the service need not wait for their clients. */
  onModuleDestroy(): void {
    const error = new Unavailable('service.stopping', 'the service stops: send the rest later', {
      retryAfterSeconds: 5,
    });
    for (const input of this.inputs) input.destroy(error);
  }

  /**
   * The answers, a line each, and a summary as the last.
   *
   * Errors: while nothing is answered yet, as for a single event; later the summary names the problem instead.
   */
  async answers(request: LineRequest): Promise<Readable> {
    const lines = this.answerLines(request);
    const first = await lines.next();
    const answers = Readable.from(lines, { objectMode: false });
    if (!first.done) answers.unshift(first.value);
    return answers;
  }

  private async *answerLines(request: LineRequest): AsyncGenerator<string, void> {
    const input = inputOf(request);
    const count = { accepted: 0, refused: 0 };
    let waitsFor: 'line' | 'bus' | 'client' = 'line';
    const idle = setTimeout(() => {
      if (waitsFor === 'line')
        input.destroy(new Invalid('stream.idle', `no line came for ${maxIdleMs / 1000} seconds`));
      if (waitsFor === 'client') request.giveUp();
    }, maxIdleMs);
    this.inputs.add(input);
    try {
      for await (const group of this.groupsOf(input, request.caller)) {
        waitsFor = 'bus';
        this.limits.admitVolume(request.caller.id);
        const answer = await this.settle(group, count, request);
        waitsFor = 'client';
        idle.refresh();
        yield answer;
        // However long it rests, that is ours and no fault of the client.
        waitsFor = 'bus';
        await this.rest(group.length, request, input);
        waitsFor = 'line';
        idle.refresh();
      }
      yield `${JSON.stringify(count)}\n`;
    } catch (error) {
      if (count.accepted + count.refused === 0) throw error;
      yield `${JSON.stringify({ ...count, problem: await this.problemAfter(error, request) })}\n`;
    } finally {
      clearTimeout(idle);
      this.inputs.delete(input);
      input.destroy();
    }
  }

  private async *groupsOf(input: Readable, caller: Caller): AsyncGenerator<Outcome[], void> {
    const reader = new LineReader(maxEventBytes);
    const breath = new Breath();
    for await (const chunk of input as AsyncIterable<Buffer>) {
      let group: Outcome[] = [];
      this.limits.charge(caller.id, 0, chunk.length);
      for (const line of reader.take(chunk)) {
        if (breath.isDue) await breath.take();
        group.push(await this.outcomeOf(line, caller));
        if (group.length < maxWaitingLines) continue;
        yield group;
        group = [];
      }
      if (group.length > 0) yield group;
    }
    for (const line of reader.end()) yield [await this.outcomeOf(line, caller)];
  }

  private outcomeOf({ index, bytes }: Line, caller: Caller): Promise<Outcome> | Outcome {
    try {
      if (!bytes) throw new EdgeError(413, 'body.too-large', `an event is at most ${maxEventBytes} bytes`);
      return this.publication.outcomeOf(parseBody(bytes), index, caller);
    } catch (error) {
      return { index, problem: problemOf(error) };
    }
  }

  private async settle(
    group: Outcome[],
    count: { accepted: number; refused: number },
    { caller, traceId, accepted }: LineRequest,
  ): Promise<string> {
    await this.publication.record(group, caller, traceId);
    await this.send(group);
    const refused = refusedIn(group).length;
    count.refused += refused;
    count.accepted += group.length - refused;
    accepted?.add(group.length - refused);
    return group.map((outcome) => `${JSON.stringify(resultOf(outcome))}\n`).join('');
  }

  // A full queue holds the stream up instead of ending it: that is its back-pressure.
  private async send(group: Outcome[]): Promise<void> {
    for (let tries = 1; ; tries += 1)
      try {
        return await this.publication.send(group);
      } catch (error) {
        if (!(error instanceof DomainError) || error.code !== 'bus.busy' || tries === busyTries) throw error;
        await pause(busyPauseMs);
      }
  }

  // A stream that is faster than its sender's limit is read no further for a while, and not refused.
  private async rest(events: number, { caller }: LineRequest, input: Readable): Promise<void> {
    this.limits.charge(caller.id, events, 0);
    for (let left = this.limits.debtMs(caller.id); left > 0 && !input.destroyed; left -= restStepMs)
      await pause(Math.min(left, restStepMs));
  }

  private async problemAfter(error: unknown, { caller, traceId }: LineRequest) {
    const problem = problemOf(error);
    if (problem.status >= 500 && problem.status !== 503)
      this.logger.error({ err: error, traceId, route: '/v1/events' }, 'stream failed');
    const { code, detail } = (await this.refusals.settle(problem, caller, traceId)).body;
    return { code, detail };
  }
}

// A stream of its own: to end it, when we want no more, leaves the connection whole for the answers.
function inputOf({ payload, decoder }: LineRequest): Readable {
  const input = new PassThrough();
  const brokenOff = () => input.destroy(new Invalid('body.malformed', 'the body broke off'));
  payload.once('error', brokenOff);
  payload.once('close', () => payload.readableEnded || brokenOff());
  if (!decoder) return payload.pipe(input);
  decoder.once('error', (error) => input.destroy(inflateError(error)));
  input.once('close', () => decoder.destroy());
  return payload.pipe(decoder).pipe(input);
}
