import { Producer } from '@govbus/messaging';
import { type Caller, problemOf } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { Datasets } from '../datasets/datasets';
import { Acceptance } from './acceptance';
import { acceptedIn, claimsOf, messageOf, type Outcome, refusalEntries, refusedIn } from './outcome';
import { RecentAcceptances } from './recent-acceptances';
import { Refusals } from './refusals';

/** The two steps of publishing that all modes share: decide on an event, and settle what was decided. */
@Injectable()
export class Publication {
  constructor(
    private readonly acceptance: Acceptance,
    private readonly datasets: Datasets,
    private readonly producer: Producer,
    private readonly refusals: Refusals,
    private readonly recent: RecentAcceptances,
  ) {}

  /** What becomes of one parsed event. Errors: a fault of ours is no refusal of the event, and is thrown. */
  async outcomeOf(value: unknown, index: number, caller: Caller): Promise<Outcome> {
    try {
      return { index, event: await this.acceptance.accept(value, caller) };
    } catch (error) {
      const problem = problemOf(error);
      if (problem.status >= 500) throw error;
      const { id, dataset } = claimsOf(value);
      // Names that somebody made up would be an entry of the log each.
      const isKnown = dataset !== undefined && this.datasets.get(dataset) !== undefined;
      return { index, id, dataset: isKnown ? dataset : undefined, problem };
    }
  }

  /** Commits the refusals among the outcomes to the audit log. Errors: `Unavailable` `audit.busy`. */
  record(outcomes: Outcome[], caller: Caller, traceId: string): Promise<void> {
    return this.refusals.record(refusalEntries(refusedIn(outcomes), caller, traceId));
  }

  /** Resolves when all accepted events among the outcomes are acknowledged. Errors: those of `Producer.sendAll`. */
  async send(outcomes: Outcome[]): Promise<void> {
    const accepted = acceptedIn(outcomes);
    await this.producer.sendAll(accepted.map(messageOf));
    for (const event of accepted) this.recent.note(event);
  }
}
