import { randomUUID } from 'node:crypto';
import { type ActorV1, AuditEntry, type AuditEntryV1 } from '@govbus/contracts';
import { activeTraceId, Outbox } from '@govbus/messaging';
import { Injectable } from '@nestjs/common';
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

type Gathering = { entries: Map<string, NewAuditEntry>; done: Promise<void> };

/** Writes audit entries into the outbox: with the change they are about, or not at all (P2). */
@Injectable()
export class Audit {
  private gathering: Gathering | undefined;
  private writing: Promise<void> = Promise.resolve();

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
   * one entry with `records`, so that a storm of bad requests cannot fill the log.
   */
  refused(entry: NewAuditEntry): Promise<void> {
    this.gathering ??= this.gather();
    const { entries, done } = this.gathering;
    const { actor, operation, code, datasetId, agreementId, subscriptionId } = entry;
    const key = JSON.stringify([actor, operation, code, datasetId, agreementId, subscriptionId]);
    const same = entries.get(key);
    entries.set(
      key,
      same ? { ...same, records: (same.records ?? 1) + (entry.records ?? 1) } : { traceId: activeTraceId(), ...entry },
    );
    return done;
  }

  private gather(): Gathering {
    const entries = new Map<string, NewAuditEntry>();
    const write = (): Promise<void> => {
      this.gathering = undefined;
      return this.db.transaction((tx) => this.recordAll([...entries.values()], tx));
    };
    const done = this.writing.then(write, write);
    this.writing = done;
    return { entries, done };
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
