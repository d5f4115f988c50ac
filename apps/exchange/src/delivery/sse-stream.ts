import { type Caller, problemOf, type TokenVerifier } from '@govbus/platform';
import type { AgreementCopy } from '../agreements/agreement.entity';
import type { RegistryWatch } from '../agreements/registry-watch';
import type { Subscription } from '../subscriptions/subscription.entity';
import type { Disclosed } from './disclosure';
import type { Keys, Moves } from './keys';
import type { PullService } from './pull.service';
import type { ReceiveDecisions } from './receive-decisions';
import { chunksOf, heartbeatFrame, placeFrame, placeOf, retryFrame } from './sse.rules';
import type { SseConnection } from './sse-connection';
import type { Waiter } from './waiters';
import { whileStands } from './while-stands';

const pageLimit = 100;
/** What a stream makes us hold: a page of about so many bytes, written in chunks of about so many. */
const [pageBytes, chunkBytes] = [1024 * 1024, 32 * 1024];
const heartbeatMs = 15_000;
/** How often a stream on which nothing happens is looked at: whether token, people and period still stand (P5). */
const lookMs = 500;
/** After how many milliseconds a client comes back when its stream ends. */
export const retryMs = 2_000;

type Parts = {
  pulls: PullService;
  tokens: TokenVerifier;
  decisions: ReceiveDecisions;
  registry: RegistryWatch;
  keys: Keys;
};
type Opened = { subscription: Subscription; caller: Caller; authorization: string | undefined; waiter: Waiter };

/** One stream: page after page, each decided, disclosed and then written; between them it waits. */
export class SseStream {
  private agreement: AgreementCopy | undefined;
  private cutting = new AbortController();
  private at: Moves;

  constructor(
    private readonly parts: Parts,
    readonly opened: Opened,
    /** Everything up to here is with the client. */
    private after: number,
  ) {
    this.at = opened.subscription;
  }

  /** Breaks the page off that is being written: it is decided anew. */
  cut(): void {
    this.cutting.abort();
  }

  /** The first page, so that a refusal is still an answer. Errors: those of `PullService.find` and `page`. */
  first(): Promise<Disclosed> {
    return this.page();
  }

  /** Ends when the client has gone or the process stops. Errors: whatever ends the right to the stream. */
  async run(first: Disclosed | undefined, connection: SseConnection): Promise<void> {
    const { waiter } = this.opened;
    await connection.write(retryFrame(retryMs), this.cutting.signal);
    let page = first;
    while (page && !waiter.isOver) {
      const isWhole = await this.send(page, connection);
      if (isWhole && !page.hasMore) await this.wait(heartbeatMs, connection, () => true);
      page = await this.nextPage(connection);
    }
  }

  private async page(): Promise<Disclosed> {
    const { subscription, authorization } = this.opened;
    // Before the decision: a change that comes behind it cuts the page off.
    this.cutting = new AbortController();
    const caller = await this.parts.tokens.verify(authorization);
    const now = await this.parts.pulls.find(subscription.subscriptionId, caller, 'sse');
    this.follow(now);
    const page = await this.parts.pulls.page(now, caller, this.after, { limit: pageLimit, maxBytes: pageBytes });
    this.agreement = page.agreement;
    return page;
  }

  // Its reader may have gone back, or passed something over, since the last page.
  private follow(now: Subscription): void {
    this.after = placeOf(this.after, this.at, now);
    this.at = now;
  }

  // Undefined when it is over. What passes by itself (registry stale, limit reached, database away) is no end.
  private async nextPage(connection: SseConnection): Promise<Disclosed | undefined> {
    while (!this.opened.waiter.isOver) {
      try {
        return await this.page();
      } catch (error) {
        const { status, headers } = problemOf(error);
        if (status !== 503 && status !== 429) throw error;
        const pauseMs = Number(headers['retry-after'] ?? 1) * 1000;
        await this.wait(Math.min(pauseMs, heartbeatMs), connection, () => false);
      }
    }
    return undefined;
  }

  // False when it was broken off; what was written until then stays so.
  private async send(page: Disclosed, connection: SseConnection): Promise<boolean> {
    const { signal } = this.cutting;
    for (const { text, position } of chunksOf(page.events, (at) => this.idOf(at), chunkBytes)) {
      // What a cut left with the client goes first: who is cut again and again and takes nothing gets nothing more.
      await this.whileStands(() => connection.ready(signal));
      // A client that is slow has its page for long: what was decided for the page is asked again for each chunk (P5).
      if (!(await this.mayBegin(connection)) || signal.aborted) return false;
      this.after = position;
      await this.whileStands(() => connection.write(text, signal));
    }
    if (page.through > this.after && !signal.aborted) {
      // What the lens hides need not be passed over again by who comes back.
      this.after = page.through;
      await connection.write(placeFrame(this.idOf(page.through)), signal);
    }
    return !signal.aborted;
  }

  private async mayBegin(connection: SseConnection): Promise<boolean> {
    if (await this.parts.registry.isFresh()) return this.stands();
    // Not disclosed again at once: a page is recorded and counted whether or not it is written.
    await this.wait(lookMs, connection, () => false);
    return false;
  }

  private whileStands(work: () => Promise<void>): Promise<void> {
    return whileStands(() => this.stands(), this.cutting, work);
  }

  // Ends early when the agreement changed, when it is over, or when the dataset grew and `endsWhenWoken` says so.
  private async wait(milliseconds: number, connection: SseConnection, endsWhenWoken: () => boolean): Promise<void> {
    const { waiter } = this.opened;
    const endsAt = performance.now() + milliseconds;
    for (;;) {
      const leftMs = endsAt - performance.now();
      if (leftMs <= 0 || waiter.isOver || this.cutting.signal.aborted) break;
      const isWoken = await waiter.next(Math.min(leftMs, lookMs));
      if ((isWoken && endsWhenWoken()) || !(await this.stands())) return;
    }
    if (connection.quietMs >= heartbeatMs) await connection.write(heartbeatFrame, this.cutting.signal);
  }

  // In memory alone. Whoever is told no asks for a page, and is refused with the reason.
  private async stands(): Promise<boolean> {
    const caller = await this.parts.tokens.verify(this.opened.authorization);
    const receiver = this.parts.decisions.receiverOf(caller);
    const { agreement, parts, opened } = this;
    return agreement !== undefined && parts.decisions.decide(agreement, receiver, opened.subscription).allowed;
  }

  private idOf(position: number): string {
    return this.parts.keys.cursorOf(this.opened.subscription.subscriptionId, position, this.at);
  }
}
