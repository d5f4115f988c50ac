import { randomUUID } from 'node:crypto';
import { Forbidden } from '@govbus/contracts';
import { type HeadedMessage, inSpan, isTransient, Producer, type Rest } from '@govbus/messaging';
import { type Caller, LOGGER, type Logger, Principals, problemOf } from '@govbus/platform';
import { Inject, Injectable } from '@nestjs/common';
import { ExchangeMetrics } from '../operations/exchange-metrics';
import { Breath } from './breath';
import { eventIn, rejectedCopy } from './inbox-message';
import { IngestLimits, maxRestMs } from './ingest-limits';
import { acceptedIn, type Outcome, refusalEntries, refusedIn } from './outcome';
import { Publication } from './publication';
import { Refusals } from './refusals';

/** The topic into which a system writes its events, and the system of a topic. */
export const inboxOf = (systemId: string): string => `inbox.${systemId}`;
const systemOf = (topic: string): string => topic.slice('inbox.'.length);

/**
 * Takes messages of `inbox.<system>` through the checks of `POST /v1/events`; the caller is the system of the topic, since
 * Kafka lets nobody else write there.
 */
@Injectable()
export class InboxIntake {
  // Refusals of a batch that are in the audit log: when it is tried again they are not recorded twice.
  private readonly recorded = new Map<string, Set<bigint>>();

  constructor(
    private readonly publication: Publication,
    private readonly producer: Producer,
    private readonly refusals: Refusals,
    private readonly metrics: ExchangeMetrics,
    private readonly principals: Principals,
    private readonly limits: IngestLimits,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Resolves when accepted messages are on the bus, and refused ones in the audit log and on `inbox.<system>.rejected`;
   * with how long the system is to rest, which may be before anything is taken. May run twice: the ledger knows an event that comes again.
   *
   * Errors: `Unavailable`, or that of the database, when it is to be tried again.
   */
  async take(topic: string, partition: number, messages: HeadedMessage[]): Promise<Rest> {
    const caller = this.callerOf(systemOf(topic));
    // More is owed than one rest pays, as when the bytes of the day are used up. Less is paid already, or it would be owed
    // for ever beside streams of the same system.
    const owedMs = this.limits.pace(caller.id, 0, 0);
    if (owedMs >= maxRestMs) return { restMs: owedMs, isLeft: true };
    await inSpan('inbox batch', { messages: messages.length }, () => this.publish(topic, partition, messages, caller));
    this.recorded.delete(`${topic}/${partition}`);
    const bytes = messages.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
    return { restMs: this.limits.pace(caller.id, messages.length, bytes) };
  }

  private async publish(topic: string, partition: number, messages: HeadedMessage[], caller: Caller): Promise<void> {
    const outcomes: Outcome[] = [];
    const breath = new Breath();
    for (const [index, message] of messages.entries()) {
      if (breath.isDue) await breath.take();
      outcomes.push(await this.outcomeOf(message, index, caller));
    }
    await this.record(topic, partition, messages, outcomes, caller);
    await this.publication.send(outcomes);
    await this.producer.sendAll(
      outcomes.flatMap((outcome) => {
        const message = messages[outcome.index];
        return 'problem' in outcome && message ? [rejectedCopy(topic, partition, message, outcome.problem.body)] : [];
      }),
    );
    this.metrics.accepted.inbox.add(acceptedIn(outcomes).length);
  }

  private callerOf(systemId: string): Caller {
    const system = this.principals.get(systemId);
    if (!system) throw new Error('the copy of the registry has not heard of a system yet');
    const { kind, departmentCode: department, roles } = system;
    return { id: systemId, kind, department, roles, scopes: ['events:publish'] };
  }

  private async outcomeOf(message: HeadedMessage, index: number, caller: Caller): Promise<Outcome> {
    try {
      if (!this.principals.isActive(caller.id))
        throw new Forbidden('principal.suspended', 'the caller or its department is suspended');
      return await this.publication.outcomeOf(eventIn(message), index, caller);
    } catch (error) {
      if (isTransient(error)) throw error;
      const problem = problemOf(error);
      // A fault of ours holds up nobody either: who sent the message finds it among the rejected.
      if (problem.status >= 500) this.logger.error({ err: error, system: caller.id }, 'inbox message failed');
      return { index, problem };
    }
  }

  private async record(
    topic: string,
    partition: number,
    messages: HeadedMessage[],
    outcomes: Outcome[],
    caller: Caller,
  ): Promise<void> {
    const place = `${topic}/${partition}`;
    const done = this.recorded.get(place) ?? new Set();
    const offsetOf = ({ index }: Outcome): bigint => messages[index]?.offset ?? -1n;
    const fresh = outcomes.filter((outcome) => 'problem' in outcome && !done.has(offsetOf(outcome)));
    const [first] = fresh;
    if (!first) return;
    const entity = `message:${place}/${offsetOf(first)}`.slice(0, 120);
    const entries = refusalEntries(refusedIn(fresh), caller, traceIdOf(messages[first.index]));
    await this.refusals.record(entries.map((entry) => ({ ...entry, entity })));
    this.recorded.set(place, new Set([...done, ...fresh.map(offsetOf)]));
  }
}

const traceIdOf = (message: HeadedMessage | undefined): string => {
  const header = message?.headers.find(([name]) => name === 'traceparent')?.[1].toString('latin1') ?? '';
  return /^00-([0-9a-f]{32})-/.exec(header)?.[1] ?? randomUUID().replaceAll('-', '');
};
