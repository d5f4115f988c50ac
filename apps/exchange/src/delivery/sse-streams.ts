import type { ServerResponse } from 'node:http';
import { Unavailable } from '@govbus/contracts';
import { actorOf, Audit, type Caller, Changes, LOGGER, type Logger, problemOf, TokenVerifier } from '@govbus/platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AGREEMENTS_CHANGED } from '../agreements/agreement.consumer';
import { RegistryWatch } from '../agreements/registry-watch';
import { OverScope, type Use } from '../enforcement/over-scope';
import type { Subscription } from '../subscriptions/subscription.entity';
import { acknowledge } from '../subscriptions/subscription.rules';
import { Keys } from './keys';
import { SUBSCRIPTIONS_CHANGED } from './lease.sql';
import { PullService } from './pull.service';
import { ReceiveDecisions } from './receive-decisions';
import { placeOf, problemFrame, retryFrame, sseType } from './sse.rules';
import { acknowledgeThrough } from './sse.sql';
import { SseConnection } from './sse-connection';
import { retryMs, SseStream } from './sse-stream';
import { Waiters } from './waiters';

/** Most streams of one process, and those of one department; of one subscription as many as may wait (`Waiters`). */
const maxStreams = 500;
const maxOfDepartment = 100;

export type SseRequest = {
  subscriptionId: string;
  caller: Caller;
  authorization: string | undefined;
  /** What the client names as the last that it has. */
  lastEventId: string | undefined;
  traceId: string;
  /** The answer; nothing is written to it before `Run` is called. */
  response: ServerResponse;
};
/** Writes the stream to the answer; resolves when it has ended, and never rejects. */
export type Run = () => Promise<void>;

/** The streams of this process. */
@Injectable()
export class SseStreams implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly running = new Map<SseStream, Promise<void>>();
  /** Those that have a stream, or are being decided. */
  private readonly requests = new Set<SseRequest>();

  constructor(
    private readonly db: DataSource,
    private readonly changes: Changes,
    private readonly waiters: Waiters,
    private readonly pulls: PullService,
    private readonly tokens: TokenVerifier,
    private readonly decisions: ReceiveDecisions,
    private readonly registry: RegistryWatch,
    private readonly overScope: OverScope,
    private readonly keys: Keys,
    private readonly audit: Audit,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  get size(): number {
    return this.running.size;
  }

  async onApplicationBootstrap(): Promise<void> {
    const cut = (isMeant: (subscription: Subscription) => boolean): void => {
      for (const stream of this.running.keys()) if (isMeant(stream.opened.subscription)) stream.cut();
    };
    await this.changes.on(
      AGREEMENTS_CHANGED,
      (agreementId) => cut((subscription) => subscription.agreementId === agreementId),
      () => cut(() => true),
    );
    await this.changes.on(SUBSCRIPTIONS_CHANGED, (id) => cut(({ subscriptionId }) => subscriptionId === id));
  }

  // The waiters, which end at the same time, keep new streams from starting.
  async beforeApplicationShutdown(): Promise<void> {
    for (const stream of this.running.keys()) {
      stream.opened.waiter.close();
      stream.cut();
    }
    await Promise.all(this.running.values());
  }

  /**
   * Decides whether there is to be a stream, and acknowledges what the client names.
   *
   * Errors: those of `PullService.find` and of a page; `Invalid` `cursor.invalid`; `Unavailable` `delivery.busy`.
   */
  async open(request: SseRequest): Promise<Run> {
    this.enter(request);
    try {
      const { subscriptionId, caller, authorization } = request;
      const subscription = await this.pulls.find(subscriptionId, caller, 'sse');
      const after = await this.startOf(subscription, request.lastEventId);
      const waiter = this.waiters.open(subscription);
      const stream = new SseStream(this.parts(), { subscription, caller, authorization, waiter }, after);
      endWith(request.response, stream);
      return await this.begin(stream, request);
    } catch (error) {
      this.requests.delete(request);
      throw error;
    }
  }

  // Counted before it is decided: of many that come at once no more are let in than there is room for.
  private enter(request: SseRequest): void {
    const own = [...this.requests].filter(({ caller }) => caller.department === request.caller.department);
    if (this.requests.size >= maxStreams || own.length >= maxOfDepartment)
      throw new Unavailable('delivery.busy', 'too many streams are open already', { retryAfterSeconds: 5 });
    this.requests.add(request);
  }

  private async begin(stream: SseStream, request: SseRequest): Promise<Run> {
    const { waiter } = stream.opened;
    // From here on a change of the agreement cuts it off.
    this.running.set(stream, Promise.resolve());
    try {
      const first = waiter.isOver ? undefined : await this.overScope.watch(this.useOf(stream), () => stream.first());
      return () => {
        const { response } = request;
        const connection = new SseConnection(response);
        response.writeHead(200, headers);
        const done = stream
          .run(first, connection)
          .then(() => connection.end(retryFrame(retryMs)))
          .catch((error: unknown) => this.refuse(error, stream, connection, request))
          .finally(() => this.forget(stream, request));
        this.running.set(stream, done);
        return done;
      };
    } catch (error) {
      this.forget(stream, request);
      throw error;
    }
  }

  private parts() {
    const { pulls, tokens, decisions, registry, keys } = this;
    return { pulls, tokens, decisions, registry, keys };
  }

  // What it names it has; without it, it begins behind what was acknowledged.
  private async startOf(subscription: Subscription, lastEventId: string | undefined): Promise<number> {
    if (!lastEventId) return subscription.ackedPosition;
    const { position, at } = this.keys.placeIn(lastEventId, subscription.subscriptionId);
    acknowledge(subscription, position);
    const after = at ? placeOf(position, at, subscription) : position;
    // Where its reader has gone back to, nothing is done with because it was once.
    if (after === position) await acknowledgeThrough(subscription, position, this.db.manager);
    return after;
  }

  // The same document and the same audit entry as an answer would have.
  private async refuse(
    error: unknown,
    { opened }: SseStream,
    connection: SseConnection,
    { traceId }: SseRequest,
  ): Promise<void> {
    const { status, body } = problemOf(error);
    const { subscriptionId, agreementId, datasetId, purpose } = opened.subscription;
    if (status >= 500) this.logger.error({ err: error, traceId, subscriptionId }, 'stream failed');
    if (status === 401 || status === 403)
      await this.audit
        .refused({
          action: 'refuse',
          operation: 'subscriptions:stream',
          outcome: status === 403 ? 'denied' : 'refused',
          actor: actorOf(opened.caller),
          ...{ datasetId, agreementId, subscriptionId, purpose },
          code: body.code,
          reason: body.detail.slice(0, 500),
        })
        .catch((err: unknown) => this.logger.error({ err, traceId, subscriptionId }, 'refusal not recorded'));
    await connection.end(problemFrame({ ...body, traceId }));
  }

  private useOf({ opened: { subscription, caller } }: SseStream): Use {
    const { agreementId, subscriptionId, purpose, mode } = subscription;
    const caseReference = subscription.caseReference ?? undefined;
    return { agreementId, subscriptionId, purpose, mode, caseReference, receiver: this.decisions.receiverOf(caller) };
  }

  private forget(stream: SseStream, request: SseRequest): void {
    stream.opened.waiter.close();
    this.running.delete(stream);
    this.requests.delete(request);
  }
}

/** Ends a stream when its client goes, or has gone: while the stream was decided nobody listened. */
function endWith(response: ServerResponse, stream: SseStream): void {
  const end = (): void => {
    stream.opened.waiter.close();
    stream.cut();
  };
  if (response.destroyed) end();
  else response.once('close', end);
}

const headers = { 'content-type': sseType, 'cache-control': 'no-store', 'x-accel-buffering': 'no' };
