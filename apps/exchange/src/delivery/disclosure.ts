import { randomUUID } from 'node:crypto';
import type { DeliveredEvent, DeliveryMode } from '@govbus/contracts';
import { Audit, Clock } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { AgreementCopy } from '../agreements/agreement.entity';
import { holdAgreement } from '../agreements/agreement-lock';
import { RegistryWatch, stale } from '../agreements/registry-watch';
import { DatasetCopy } from '../datasets/dataset.entity';
import { keyAt } from '../datasets/pointer';
import { cutTo } from '../enforcement/cut.rules';
import { Limits } from '../enforcement/limits';
import { OverScope } from '../enforcement/over-scope';
import { isAskedFor } from '../enforcement/over-scope.rules';
import { ExchangeMetrics } from '../operations/exchange-metrics';
import { digestOf } from '../ledger/ledger.rules';
import { passes, visibleTo } from '../subscriptions/filters.rules';
import type { Subscription } from '../subscriptions/subscription.entity';
import { denialOf } from './denial.rules';
import { countDisclosed, insertDisclosure, moveDisclosed } from './disclosure.sql';
import { Keys } from './keys';
import { LedgerBlocks } from './ledger-blocks';
import { Lenses } from './lenses';
import { type LedgerReader, type Matched, readPage, type Source } from './page-reader';
import { ReceiveDecisions, type Receiver } from './receive-decisions';

/** Milliseconds after which it is asked once more whether a page may still leave (P5). */
const longMs = 300;

/** One access: under which agreement, in whose name, how, and what for. */
export type Access = {
  agreementId: string;
  purpose: string;
  mode: DeliveryMode;
  receiver: Receiver;
  operation: 'subscriptions:read' | 'subscriptions:deliver' | 'queries:run' | 'exports:run';
  caseReference?: string;
  /** Records of this area alone; one that is not in the agreement's gives nothing. */
  areaCode?: string;
  subscriptionId?: string;
  exportId?: string;
  /** A further page of an access that was allowed to begin: it counts as no access of its own. */
  isContinued?: boolean;
};
export type DisclosureRequest = {
  subscription: Subscription;
  receiver: Receiver;
  operation: 'subscriptions:read' | 'subscriptions:deliver';
  after: number;
  limit: number;
  /** Bytes after which the page is full; without it, 8 MiB. */
  maxBytes?: number;
  /** The last position to look at; without it, as far as the page reaches. */
  until?: number;
};
/** What was read for an access. */
export type Found = {
  matched: Matched[];
  /** The last position looked at; nothing where positions are not what is gone through. */
  through?: number;
  hasMore: boolean;
  /** Behind which key the next page of the latest records begins. */
  afterKey?: string;
  /** The data subject that was asked about, whether or not there was an answer. */
  askedAbout?: string;
};
export type Page = Omit<Found, 'matched' | 'askedAbout'> & {
  disclosureId?: string;
  agreement: AgreementCopy;
  events: DeliveredEvent[];
  messageKeys: string[];
};
type Work = {
  read: (source: Source, tx: EntityManager) => Promise<Found>;
  /** What else must be in the same transaction. */
  keep?: (page: Page, found: Found, tx: EntityManager) => Promise<void>;
};

/** `at`: when it was read, so that it can be told later what had expired by then. */
type Recorded = { access: Access; agreement: AgreementCopy; found: Found; at: Date };

/**
 * A page whose record is committed. Whoever sends data takes this type, and only `Disclosed.commit` makes one (P3).
 */
export class Disclosed {
  readonly #isCommitted = true;

  private constructor(private readonly page: Page) {}

  static async commit(db: DataSource, work: (tx: EntityManager) => Promise<Page>): Promise<Disclosed> {
    return new Disclosed(await db.transaction(work));
  }

  /** Present unless there was nothing to record. */
  get disclosureId(): string | undefined {
    return this.#isCommitted ? this.page.disclosureId : undefined;
  }
  /** The agreement under which it was decided and read, as it stood. */
  get agreement(): AgreementCopy {
    return this.page.agreement;
  }
  get events(): readonly DeliveredEvent[] {
    return this.page.events;
  }
  /** For each event of a page for Kafka, the key of its message: equal for the events of one record. */
  get messageKeys(): readonly string[] {
    return this.page.messageKeys;
  }
  /** The last position looked at, whether or not the lens let it through. */
  get through(): number {
    return this.page.through ?? 0;
  }
  get hasMore(): boolean {
    return this.page.hasMore;
  }
  /** Behind which key the next page of the latest records begins. Never shown: the lens may not grant it. */
  get afterKey(): string | undefined {
    return this.page.afterKey;
  }
}

/** Decides, reads through the lens and records, in one transaction; what comes out may be sent. */
@Injectable()
export class Disclosures {
  constructor(
    private readonly db: DataSource,
    private readonly registry: RegistryWatch,
    private readonly decisions: ReceiveDecisions,
    private readonly lenses: Lenses,
    private readonly blocks: LedgerBlocks,
    private readonly limits: Limits,
    private readonly overScope: OverScope,
    private readonly metrics: ExchangeMetrics,
    private readonly keys: Keys,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  /** A page of a subscription. Errors: those of `discloseTo`. */
  disclose(request: DisclosureRequest): Promise<Disclosed> {
    const { subscription, receiver, operation } = request;
    const { subscriptionId, agreementId, purpose, mode, filters } = subscription;
    const caseReference = subscription.caseReference ?? undefined;
    const areaCode = subscription.areaCode ?? undefined;
    const isWanted =
      filters.length > 0 ? (event: DeliveredEvent): boolean => passes(filters, visibleTo(event)) : undefined;
    return this.discloseTo(
      { agreementId, purpose, mode, receiver, operation, subscriptionId, caseReference, areaCode },
      {
        read: async (source, tx) => {
          const read: LedgerReader = (...chunk) => this.blocks.read(...chunk);
          const page = await readPage(source, { ...request, isWanted }, read, tx);
          return { ...page, hasMore: page.through < page.head };
        },
        keep: async ({ through = 0 }, { matched }, tx) => {
          // A webhook counts what its receiver confirmed, Kafka what it took; others what they were shown the first time.
          if (mode === 'webhook' || mode === 'kafka') return moveDisclosed(subscriptionId, through, tx);
          const positions = matched.map(({ row }) => row.position);
          await countDisclosed({ subscriptionId, after: request.after, through, positions }, tx);
        },
      },
    );
  }

  /**
   * What `read` finds for an access. A query leaves its record though it found nothing: that nothing is there was
   * learned, too.
   *
   * Errors: `Forbidden` `decision.denied` with the explanation when the agreement does not allow it at this moment;
   *   `Unavailable` `registry.stale` while it is not sure that the agreement still stands, `ledger.rebuilding`; `Limited`
   *   `agreement.limit-reached` while its limits are used up.
   */
  discloseTo(access: Access, work: Work): Promise<Disclosed> {
    const disclosed = (): Promise<Disclosed> => this.metrics.access(access, () => this.inTime(access, work));
    return isAskedFor(access.mode) ? this.overScope.watch(access, disclosed) : disclosed();
  }

  // While a page holds its agreement no decision about it arrives here; one that took long may come after such a decision,
  // and its record then says more than was sent.
  private async inTime(access: Access, work: Work): Promise<Disclosed> {
    const beganAt = performance.now();
    const disclosed = await this.commit(access, work);
    if (performance.now() - beganAt > longMs && !(await this.registry.isFresh())) throw stale();
    return disclosed;
  }

  private commit(access: Access, { read, keep }: Work): Promise<Disclosed> {
    return Disclosed.commit(this.db, async (tx) => {
      const agreement = await this.requireAgreement(access, tx);
      const mostRecords = await this.limits.left(agreement, access, tx);
      const dataset = await tx.findOneBy(DatasetCopy, { datasetId: agreement.datasetId });
      const lens = this.lenses.of(agreement, access.areaCode);
      const at = this.clock.now();
      const seen = await read({ agreement, dataset, lens, mostRecords, at }, tx);
      const isRecorded = seen.matched.length > 0 || access.operation === 'queries:run';
      const found = isRecorded ? cutTo(seen, await this.limits.take(agreement, access, seen.matched.length, tx)) : seen;
      const disclosureId = isRecorded ? await this.record({ access, agreement, found, at }, tx) : undefined;
      const { through, hasMore, afterKey } = found;
      const events = found.matched.map(({ event }) => event);
      const messageKeys = access.mode === 'kafka' ? this.messageKeysOf(agreement, dataset, found.matched) : [];
      const page = { disclosureId, agreement, events, messageKeys, through, hasMore, afterKey };
      await keep?.(page, found, tx);
      return page;
    });
  }

  /** The agreement, held until `tx` ends, if it allows the access to begin or to go on. Errors: as `discloseTo`. */
  async requireAgreement(access: Access, tx: EntityManager): Promise<AgreementCopy> {
    const agreement = await this.allowedBy(access, tx);
    // A no is a no however old; only a yes must be of now.
    await this.registry.requireFresh(tx);
    return agreement;
  }

  /** The same for what tells nothing of the data, and so need not be of now. Errors: `Forbidden` `decision.denied`. */
  async allowedBy(access: Omit<Access, 'operation'>, tx: EntityManager): Promise<AgreementCopy> {
    const { agreementId, subscriptionId, purpose, receiver } = access;
    const agreement = await holdAgreement(agreementId, tx);
    const about = { agreementId, datasetId: agreement?.datasetId, subscriptionId, purpose };
    if (!agreement) throw denialOf(agreement, receiver, undefined, about);
    const decision = this.decisions.decide(agreement, receiver, access);
    if (!decision.allowed) throw denialOf(agreement, receiver, decision, about);
    return agreement;
  }

  private async record({ access, agreement, found, at }: Recorded, tx: EntityManager): Promise<string> {
    const { receiver, operation, mode, purpose, subscriptionId, exportId, caseReference } = access;
    const { agreementId, datasetId, version: agreementVersion } = agreement;
    const { matched, askedAbout } = found;
    const disclosureId = randomUUID();
    const positions = matched.map(({ row }) => row.position);
    const [first, last] = [Math.min(...positions), Math.max(...positions)];
    const records = matched.length;
    const about = { subscriptionId, agreementId, agreementVersion, purpose, caseReference };
    if (records > 0)
      await insertDisclosure(
        { ...about, disclosureId, exportId, mode, principal: receiver.id, first, last, records, at },
        tx,
      );
    await this.audit.record(
      {
        ...about,
        action: 'disclose',
        operation,
        outcome: 'done',
        actor: { id: receiver.id, kind: receiver.kind, department: receiver.department },
        datasetId,
        legalBasis: agreement.terms.legalBasis,
        entity: `disclosure:${disclosureId}`,
        positions: records > 0 ? { first, last } : undefined,
        records,
        fields: [...this.lenses.of(agreement).fields],
        subjectKeys: this.subjectKeysOf(datasetId, [askedAbout, ...matched.map(({ subject }) => subject)]),
        digest: digestOf(matched.map(({ row }) => row.digest)),
      },
      tx,
    );
    return disclosureId;
  }

  // The key as the agreement shows it, masked if it is; where it shows none, a pseudonym of its own.
  private messageKeysOf({ agreementId }: AgreementCopy, dataset: DatasetCopy | null, matched: Matched[]): string[] {
    return matched.map(({ row, event, key }) => {
      const shown = dataset ? keyAt(event.data, dataset.keyPointer) : undefined;
      return shown ?? this.keys.recordPseudonymOf(agreementId, key ?? `position ${row.position}`);
    });
  }

  private subjectKeysOf(datasetId: string, subjects: (string | undefined)[]): string[] | undefined {
    const known = new Set(subjects.flatMap((subject) => (subject === undefined ? [] : [subject])));
    if (known.size === 0) return undefined;
    return [...known].map((subject) => this.keys.subjectOf(datasetId, subject));
  }
}
