import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '@govbus/platform';
import type { ExchangeClient } from './exchange.client';
import { Refused } from './outgoing-http';
import type { Intake } from './intake.entity';
import { idlePauseMs, retryPauseMs } from './intake.rules';
import type { IntakeRecords, Source } from './intake.service';

const pageSize = 500;

/** Draws the cases of one agreement, page after page, until it may no longer or is told to stop. */
export class IntakeLoop {
  private acknowledged: string | undefined;

  constructor(
    private readonly agreementId: string,
    private readonly purpose: string,
    private readonly exchange: ExchangeClient,
    private readonly records: IntakeRecords,
    private readonly logger: Logger,
    private readonly signal: AbortSignal,
  ) {}

  /** Never throws. Ends when the agreement is no longer a source of cases. */
  async run(): Promise<void> {
    let emptyPages = 0;
    let failures = 0;
    while (!this.signal.aborted) {
      let pauseMs = 0;
      try {
        // Asked anew before every page: an agreement that has ended draws nothing more, a new mapping counts at once.
        const [source] = await this.records.sources(this.agreementId);
        if (!source) return;
        const { isEmpty, hasMore } = await this.turn(source);
        if (failures > 0) this.logger.info({ agreementId: this.agreementId, failures }, 'case intake goes on');
        failures = 0;
        emptyPages = isEmpty ? emptyPages + 1 : 0;
        if (!hasMore) pauseMs = idlePauseMs(Math.max(emptyPages, 1));
      } catch (error) {
        if (this.signal.aborted) return;
        failures++;
        pauseMs = retryPauseMs(failures, Math.random(), error instanceof Refused ? error.retryAfterSeconds : 0);
        await this.noteFailure(error, failures);
      }
      if (pauseMs > 0) await pause(pauseMs, undefined, { signal: this.signal }).catch(() => undefined);
    }
  }

  /** One page: pulled, written, acknowledged. */
  private async turn(source: Source): Promise<{ isEmpty: boolean; hasMore: boolean }> {
    let progress = await this.records.progress(this.agreementId);
    if (!progress.subscriptionId) progress = await this.subscribe(progress);
    const subscriptionId = progress.subscriptionId ?? '';
    const page = await this.exchange.pull(subscriptionId, progress.cursor, pageSize, this.signal);
    const isNew = page.nextCursor !== undefined && page.nextCursor !== progress.cursor;
    if (isNew || progress.lastError) progress = await this.records.write(source, progress, page);
    // Only what is committed is acknowledged; after a crash in between, the next turn does it.
    if (progress.cursor && progress.cursor !== this.acknowledged) {
      await this.exchange.acknowledge(subscriptionId, progress.cursor, this.signal);
      this.acknowledged = progress.cursor;
    }
    return { isEmpty: page.records.length === 0, hasMore: page.hasMore && isNew };
  }

  private async subscribe(progress: Intake): Promise<Intake> {
    const { agreementId, purpose, exchange, signal } = this;
    // Found before made: an answer that got lost leaves a subscription behind, which must not become two.
    const found = await exchange.findSubscription(agreementId, purpose, signal);
    // What was acknowledged through it may be kept nowhere any more, as when the database is new or from a backup.
    if (found) await exchange.startOver(found.subscriptionId, signal);
    const subscription = found ?? (await exchange.subscribe(agreementId, purpose, signal));
    const fresh = { ...progress, subscriptionId: subscription.subscriptionId, cursor: null };
    await this.records.note(fresh);
    return fresh;
  }

  private async noteFailure(error: unknown, failures: number): Promise<void> {
    const { agreementId } = this;
    const code = codeOf(error);
    if (failures === 1) this.logger.warn({ agreementId, code, err: error }, 'case intake waits');
    try {
      const progress = await this.records.progress(agreementId);
      // The subscription is gone, or its cursor no longer counts: look for it anew before the next page.
      const isLost = error instanceof Refused && (error.status === 404 || error.status === 400);
      const subscriptionId = isLost ? null : progress.subscriptionId;
      await this.records.note({ ...progress, subscriptionId, lastError: code });
    } catch (failure) {
      this.logger.warn({ agreementId, err: failure }, 'failure of case intake not noted');
    }
  }
}

// A problem code of the other side, or the code of a network or database error (`ECONNREFUSED`).
function codeOf(error: unknown): string {
  const { code } = error instanceof Error ? (error as { code?: unknown }) : {};
  return typeof code === 'string' ? code : 'failed';
}
