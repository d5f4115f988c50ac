import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type ActorV1, AuditEntry, type AuditEntryV1 } from '@govbus/contracts';
import { activeTraceId, Outbox } from '@govbus/messaging';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { Caller } from './auth/caller';
import { Clock } from './clock';
import { ServiceName } from './service-name';

/** An audit entry before its id, time and service are filled in. */
export type NewAuditEntry = Omit<AuditEntryV1, 'entryId' | 'time' | 'service'>;

/** Who acted, by the verified token. */
export const actorOf = ({ id, kind, department }: Caller): ActorV1 => ({ id, kind, department });
/** The service itself as the actor. */
export const serviceActor = (service: string): ActorV1 => ({ id: service, kind: 'service' });

/** For how long refusals of callers without a token gather, in ms: the log grows by a few entries a second, whatever comes. */
const gatherMs = 1_000;
/** Entries of one such gathering; what is of yet another kind is told by its code alone. */
const maxKinds = 8;

/** Who is refused: a caller with a valid token, or anybody. */
type Crowd = 'callers' | 'strangers';
type Gathering = { entries: Map<string, NewAuditEntry>; done: Promise<void> };

/** Writes audit entries into the outbox: with the change they are about, or not at all (P2). */
@Injectable()
export class Audit implements OnModuleDestroy {
  private readonly open: Partial<Record<Crowd, Gathering>> = {};
  private writing: Promise<void> = Promise.resolve();
  private quiet: Promise<void> = Promise.resolve();
  private readonly ending = new AbortController();

  constructor(
    private readonly outbox: Outbox,
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly service: ServiceName,
  ) {}

  /** One entry, in the transaction of what it records. */
  record(entry: NewAuditEntry, tx: EntityManager): Promise<void> {
    return this.outbox.add(AuditEntry, this.complete(entry), tx);
  }

  /** Several entries, in the transaction of what they record. */
  recordAll(entries: NewAuditEntry[], tx: EntityManager): Promise<void> {
    return this.outbox.addAll(
      AuditEntry,
      entries.map((entry) => this.complete(entry)),
      tx,
    );
  }

  /**
   * A refusal, in a transaction of its own; resolves when it is committed.
   *
   * Refusals that arrive while one transaction runs share the next; equal ones (actor, operation, code, what it is about) become
   * one entry with `records`, so that a storm of bad requests cannot fill the log. Those of actors of the kind `anonymous`, which
   * anybody can send, wait besides until the last transaction of their kind is a second ago; beyond eight entries one tells
   * their code alone, with the operation `several`.
   */
  refused(entry: NewAuditEntry): Promise<void> {
    const crowd = entry.actor.kind === 'anonymous' ? 'strangers' : 'callers';
    const { entries, done } = (this.open[crowd] ??= this.gather(crowd));
    const isOneTooMany = crowd === 'strangers' && entries.size >= maxKinds && !entries.has(keyOf(entry));
    const told = isOneTooMany ? codeAloneOf(entry) : entry;
    const same = entries.get(keyOf(told));
    entries.set(
      keyOf(told),
      same ? { ...same, records: (same.records ?? 1) + (told.records ?? 1) } : { traceId: activeTraceId(), ...told },
    );
    return done;
  }

  /** From the first moment of the end nothing gathers any longer, so that whoever waits has an answer before the end. */
  async onModuleDestroy(): Promise<void> {
    this.ending.abort();
    // What fails is told to those who wait for it.
    await this.open.strangers?.done.catch(() => undefined);
  }

  private gather(crowd: Crowd): Gathering {
    const entries = new Map<string, NewAuditEntry>();
    const write = (): Promise<void> => {
      this.open[crowd] = undefined;
      if (crowd === 'strangers') this.quiet = passed(gatherMs, this.ending.signal);
      // One statement, which commits by itself.
      return this.recordAll([...entries.values()], this.db.manager);
    };
    const begin = (): Promise<void> => (this.writing = this.writing.then(write, write));
    return { entries, done: crowd === 'strangers' ? this.quiet.then(begin) : begin() };
  }

  private complete(entry: NewAuditEntry): AuditEntryV1 {
    return {
      traceId: activeTraceId(),
      ...entry,
      entryId: randomUUID(),
      time: this.clock.now().toISOString(),
      service: this.service.name,
    };
  }
}

const keyOf = ({ actor, operation, code, datasetId, agreementId, subscriptionId }: NewAuditEntry): string =>
  JSON.stringify([actor, operation, code, datasetId, agreementId, subscriptionId]);
// How many codes there are, no stranger can choose.
const codeAloneOf = ({ action, outcome, code, records, traceId = activeTraceId() }: NewAuditEntry): NewAuditEntry => ({
  ...{ action, outcome, code, records, traceId },
  operation: 'several',
  actor: { id: 'anonymous', kind: 'anonymous' },
});
// Holds no process that has nothing else to do.
const passed = (ms: number, signal: AbortSignal): Promise<void> =>
  pause(ms, undefined, { ref: false, signal }).catch(() => undefined);
