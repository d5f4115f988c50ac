import { Injectable } from '@nestjs/common';
import type { AcceptedEvent } from './acceptance';

/** How many acceptances are remembered: more than a second's, which is how far the ledger is behind at most times. */
const remembered = 16_384;

/** An event that Kafka has acknowledged. */
export type Acknowledged = { source: string; id: string; datasetId: string; publisher: string; recordedAt: string };

/**
 * The events that this process accepted last, so that their status can be told before the ledger has them. A ring: an
 * entry costs some nanoseconds, a look-up goes through all.
 */
@Injectable()
export class RecentAcceptances {
  private readonly ring: Acknowledged[] = [];
  private next = 0;

  /** Remembers an event that is on the bus. */
  note({ source, id, dataset: datasetId, publisher, recordedtime: recordedAt }: AcceptedEvent): void {
    this.ring[this.next] = { source, id, datasetId, publisher, recordedAt };
    this.next = (this.next + 1) % remembered;
  }

  /** Undefined when it is longer ago, or another process accepted it, or nobody. */
  find(isMeant: (entry: Acknowledged) => boolean): Acknowledged | undefined {
    return this.ring.find(isMeant);
  }
}
