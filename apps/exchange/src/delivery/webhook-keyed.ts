import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Disclosed } from './disclosure';
import { maxHeld } from './lease.sql';
import { positionsOf, type Turn, WebhookPages } from './webhook-pages';
import * as sql from './webhook-held.sql';
import type { SendResult } from './webhook-sender';
import { isDown, keyDigestOf, type Lanes, lanesOf, maxAttemptsAt, paceMs } from './webhook.rules';

const pageLimit = 100;
/** Requests to one receiver at once. */
const width = 8;
/** How often a page waits for an endpoint that takes nothing: with the circuit's pauses of five minutes, about a day. */
const maxWaits = 288;
/** Held events that are tried in one turn. */
const heldLimit = 64;

type Page = { page: Disclosed } & Lanes;
/** How sending went: `sent` requests, of which some arrived; `isOver`: nothing more of this turn goes out. */
class Progress {
  sent = 0;
  delivered: number[] = [];
  held: sql.NewHeld[] = [];
  isOver = false;
}

/**
 * Delivers by record keys: each event in a request of its own, those of one key one after the other, those of several at
 * the same time. An event that fails is held and holds the later ones of its key; the cursor goes on. An endpoint that is
 * down is no fault of the event: that counts as no attempt at it.
 */
@Injectable()
export class WebhookKeyed {
  constructor(
    private readonly db: DataSource,
    private readonly pages: WebhookPages,
  ) {}

  /** One turn; false when there is nothing more to do now. */
  async deliver(turn: Turn): Promise<boolean> {
    // A probe is spent on something new if there is: what is held may be what the receiver dislikes.
    const isHeldFirst = turn.entry.pass === 'free';
    const held = isHeldFirst ? await this.deliverHeld(turn) : new Progress();
    if (held.isOver) return false;
    const { subscription } = turn;
    const paged = subscription.held >= maxHeld ? undefined : await this.deliverPage(turn);
    if (paged === false) return false;
    const { hasMore, sent } = paged ?? { hasMore: false, sent: 0 };
    if (isHeldFirst || sent > 0) return hasMore || held.delivered.length > 0;
    const late = await this.deliverHeld(turn);
    return !late.isOver && late.delivered.length > 0;
  }

  private async deliverPage(turn: Turn): Promise<{ hasMore: boolean; sent: number } | false> {
    const { subscription } = turn;
    const { subscriptionId, replays, ackedPosition: after, webhookRate } = subscription;
    const limit = webhookRate === null ? pageLimit : 1;
    const page = await this.pages.discloseOrWait(subscription, { after, limit });
    if (!page) return false;
    const { through } = page;
    if (through === after) return { hasMore: false, sent: 0 };
    const found = { page, ...(await this.lanesIn(turn, page)) };
    const progress = await this.sendLanes(turn, found);
    const { delivered, sent } = progress;
    const failed = progress.held.filter(({ error }) => error !== null);
    // The page waits as a whole when its turn ended, or nothing shows that the endpoint is there; what is published
    // meanwhile joins it and may show it. A page of one event, as a rate wants it, cannot: it is held and others follow.
    const isAway = failed.length > 0 && failed.every(({ attempts }) => attempts === 0);
    const waits = webhookRate === null ? progress.isOver || isAway : progress.isOver && failed.length === 0;
    if (delivered.length === 0 && waits) {
      const [first] = failed;
      if (first) await this.pages.waitUntilIsThere(subscription, first.error ?? '', first.waitMs ?? 0);
      return false;
    }
    const held = [...progress.held, ...found.behind.map((event) => ({ ...event, ...waiting }))];
    const pauseMs = sent > 0 ? paceMs(webhookRate) : null;
    const passed = { subscriptionId, replays, after, through, delivered, held, pauseMs };
    await this.db.transaction((tx) => sql.passPage(passed, tx));
    await this.giveUp(turn, progress);
    return pauseMs === null && !progress.isOver && { hasMore: page.hasMore, sent };
  }

  private async lanesIn({ subscription }: Turn, page: Disclosed): Promise<Lanes> {
    const { subscriptionId, datasetId } = subscription;
    const positions = positionsOf(page);
    const keys = await sql.keysOf(datasetId, positions, this.db.manager);
    const events = positions.map((position) => ({ position, keyDigest: keyDigestOf(keys.get(position) ?? null) }));
    const digests = [...new Set(events.map(({ keyDigest }) => keyDigest))];
    const held = await sql.heldAmong(subscriptionId, digests, this.db.manager);
    return lanesOf(events, held);
  }

  private async sendLanes(turn: Turn, { page, lanes }: Page): Promise<Progress> {
    const progress = new Progress();
    const { subscription, entry } = turn;
    const { failures } = subscription;
    // Down again after it had answered others since, or alone for long: then it is the event, as it must not wait for ever.
    const isItsFault = (failures > 0 && !entry.isKnown) || failures >= maxWaits;
    // Another key goes first each time that the page waited: what was first may be what the receiver cannot bear.
    const first = failures % Math.max(lanes.length, 1);
    const turned = [...lanes.slice(first), ...lanes.slice(0, first)];
    await inParallel(turned, entry.pass === 'probe' ? 1 : width, async ({ keyDigest, positions }) => {
      const rest = [...positions];
      for (const position of positions) {
        // What was decided for the page is asked again for each of its requests (P5).
        if ((await this.isOver(turn, progress)) || !(await this.mayBegin(turn, page, progress))) break;
        const result = await this.send(turn, page, position, progress);
        if (result.outcome !== 'delivered' && result.outcome !== 'failed') break;
        rest.shift();
        if (result.outcome === 'delivered') progress.delivered.push(position);
        else {
          const waitMs = this.pages.waitMs(subscription, 1, result.retryAfterMs);
          const attempts = isDown(result.cause) && !isItsFault ? 0 : 1;
          progress.held.push({ position, keyDigest, attempts, waitMs, error: result.error });
          break;
        }
      }
      progress.held.push(...rest.map((position) => ({ position, keyDigest, ...waiting })));
    });
    return progress;
  }

  private async deliverHeld(turn: Turn): Promise<Progress> {
    const progress = new Progress();
    const { subscription, entry } = turn;
    if (subscription.held === 0) return progress;
    const isOne = subscription.webhookRate !== null || entry.pass === 'probe';
    const due = await sql.dueHeld(subscription.subscriptionId, isOne ? 1 : heldLimit, this.db.manager);
    await inParallel(due, width, async (one) => {
      if (!(await this.isOver(turn, progress))) await this.deliverOne(turn, one, progress);
    });
    if (progress.sent > 0 && subscription.webhookRate !== null) progress.isOver = true;
    return progress;
  }

  private async deliverOne(turn: Turn, due: sql.DueHeld, progress: Progress): Promise<void> {
    const { position } = due;
    const { subscription } = turn;
    const { subscriptionId, webhookRate, maxAttempts } = subscription;
    const place = { after: position - 1, limit: 1, until: position };
    const page = await this.pages.discloseOrWait(subscription, place);
    if (!page) {
      progress.isOver = true;
      return;
    }
    const isThere = page.events.length > 0;
    const settled = { subscriptionId, position, pauseMs: isThere ? paceMs(webhookRate) : null };
    const { isKnown } = turn.entry;
    const result = isThere ? await this.send(turn, page, position, progress) : undefined;
    if (result?.outcome === 'failed') {
      const { error: reason, cause, retryAfterMs } = result;
      // Down again after it had answered others since: then it is the event.
      const isItsFault = !isDown(cause) || (due.hasFailed && !isKnown);
      const attempts = due.attempts + (isItsFault ? 1 : 0);
      if (attempts >= maxAttemptsAt(cause, maxAttempts)) return this.putAside(turn, position, attempts, reason);
      const waitMs = this.pages.waitMs(subscription, Math.max(attempts, 1), retryAfterMs);
      return this.db.transaction((tx) => sql.postponeHeld({ ...settled, attempts, waitMs, error: reason }, tx));
    }
    if (result && result.outcome !== 'delivered') return;
    await this.db.transaction((tx) => sql.settleHeld({ ...settled, isDelivered: isThere }, tx));
    progress.delivered.push(position);
  }

  /** Sends one event of a page and notes what that means for what is behind it. */
  private async send(turn: Turn, page: Disclosed, position: number, progress: Progress): Promise<SendResult> {
    const { subscription, entry, stop } = turn;
    const { replays } = subscription;
    progress.sent += 1;
    const sending = { only: position, replays, isKnown: entry.isKnown, stop };
    const { result, isOpen } = await this.pages.send(subscription, page, sending);
    entry.isKnown = result.outcome === 'failed' && isDown(result.cause);
    if (result.outcome === 'gone') await this.pages.stopGone(subscription);
    if (isOpen || result.outcome === 'gone' || result.outcome === 'aborted') progress.isOver = true;
    return result;
  }

  // An event that may be tried only once is given up at once.
  private async giveUp(turn: Turn, { held }: Progress): Promise<void> {
    for (const { position, attempts, error } of held)
      if (error !== null && attempts >= turn.subscription.maxAttempts)
        await this.putAside(turn, position, attempts, error);
  }

  private putAside({ subscription }: Turn, position: number, attempts: number, reason: string): Promise<void> {
    const given = { after: position - 1, through: position, records: 1, reason, attempts };
    const pauseMs = paceMs(subscription.webhookRate);
    return this.pages.putAside(subscription, given, (letter, tx) => sql.putHeldAside(letter, pauseMs, tx));
  }

  private async mayBegin({ subscription }: Turn, { agreement }: Disclosed, progress: Progress): Promise<boolean> {
    if (!(await this.pages.mayBegin(subscription, agreement))) progress.isOver = true;
    return !progress.isOver;
  }

  private async isOver({ keepLease, stop }: Turn, progress: Progress): Promise<boolean> {
    if (!progress.isOver && (stop.aborted || !(await keepLease()))) progress.isOver = true;
    return progress.isOver;
  }
}

/** Waits behind another of its key, or for its first attempt. */
const waiting = { attempts: 0, waitMs: null, error: null };

async function inParallel<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, queue.length) }, worker));
}
