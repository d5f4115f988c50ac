import { randomUUID } from 'node:crypto';
import { type DeliveredEvent, Forbidden } from '@govbus/contracts';
import { Audit, Clock } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { AgreementCopy } from '../agreements/agreement.entity';
import { holdAgreement } from '../agreements/agreement-lock';
import { RegistryWatch } from '../agreements/registry-watch';
import { DatasetCopy } from '../datasets/dataset.entity';
import { keyAt } from '../datasets/pointer';
import { digestOf } from '../ledger/ledger.rules';
import { passes, visibleTo } from '../subscriptions/filters.rules';
import { Subscription } from '../subscriptions/subscription.entity';
import { headOf, insertDisclosure, type LedgerRow, moveDisclosed, readLedger } from './disclosure.sql';
import { Keys } from './keys';
import { type Lens, Lenses } from './lenses';
import { ReceiveDecisions, type Receiver } from './receive-decisions';

const maxScanned = 5_000;
const chunkRows = 500;
/** Bytes of granted JSON after which a page is full. */
const maxPageBytes = 8 * 1024 * 1024;

export type DisclosureRequest = {
  subscription: Subscription;
  receiver: Receiver;
  operation: 'subscriptions:read' | 'subscriptions:deliver';
  after: number;
  limit: number;
  /** The last position to look at; without it, as far as the page reaches. */
  until?: number;
};
type Page = {
  disclosureId?: string;
  agreementVersion: number;
  events: DeliveredEvent[];
  through: number;
  head: number;
};
type Matched = { row: LedgerRow; event: DeliveredEvent; subject?: string };

/**
 * A page whose record is committed. Whoever sends data takes this type, and only `Disclosed.commit` makes one (P3).
 */
export class Disclosed {
  readonly #isCommitted = true;

  private constructor(private readonly page: Page) {}

  static async commit(db: DataSource, work: (tx: EntityManager) => Promise<Page>): Promise<Disclosed> {
    return new Disclosed(await db.transaction(work));
  }

  /** Present unless the page is empty. */
  get disclosureId(): string | undefined {
    return this.#isCommitted ? this.page.disclosureId : undefined;
  }
  /** The version of the terms under which it was decided and read. */
  get agreementVersion(): number {
    return this.page.agreementVersion;
  }
  get events(): readonly DeliveredEvent[] {
    return this.page.events;
  }
  /** The last position looked at, whether or not the lens let it through. */
  get through(): number {
    return this.page.through;
  }
  get hasMore(): boolean {
    return this.page.through < this.page.head;
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
    private readonly keys: Keys,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  /**
   * Errors: `Forbidden` `decision.denied` with the explanation when the agreement does not allow it at this moment;
   *   `Unavailable` `registry.stale` while it is not sure that the agreement still stands.
   */
  disclose(request: DisclosureRequest): Promise<Disclosed> {
    return Disclosed.commit(this.db, async (tx) => {
      const agreement = await this.requireAgreement(request, tx);
      const { datasetId } = request.subscription;
      const dataset = await tx.findOneBy(DatasetCopy, { datasetId });
      const page = await readPage(request, this.lenses.of(agreement), dataset?.dataSubjectPointer ?? undefined, tx);
      const head = await headOf(datasetId, tx);
      const disclosureId =
        page.matched.length > 0 ? await this.record(request, agreement, page.matched, tx) : undefined;
      // A webhook counts what its receiver confirmed; a puller what it was shown for the first time.
      const counted = request.subscription.mode === 'pull' ? page.matched.map(({ row }) => row.position) : [];
      await moveDisclosed(request.subscription.subscriptionId, page.through, counted, tx);
      const events = page.matched.map((matched) => matched.event);
      return { disclosureId, agreementVersion: agreement.version, events, through: page.through, head };
    });
  }

  private async requireAgreement({ subscription, receiver }: DisclosureRequest, tx: EntityManager) {
    const { agreementId, datasetId, subscriptionId, purpose } = subscription;
    const about = { agreementId, datasetId, subscriptionId, purpose };
    const agreement = await holdAgreement(agreementId, tx);
    if (!agreement) throw new Forbidden('decision.denied', 'the agreement is not known here', { about });
    const decision = this.decisions.decide(agreement, receiver, subscription);
    if (!decision.allowed)
      throw new Forbidden('decision.denied', decision.explanation.detail, {
        explanation: { ...decision.explanation },
        about,
      });
    // A no is a no however old; only a yes must be of now.
    await this.registry.requireFresh(tx);
    return agreement;
  }

  private async record(request: DisclosureRequest, agreement: AgreementCopy, matched: Matched[], tx: EntityManager) {
    const { subscription, receiver, operation } = request;
    const { subscriptionId, datasetId, purpose } = subscription;
    const { agreementId, version: agreementVersion } = agreement;
    const disclosureId = randomUUID();
    const positions = matched.map(({ row }) => row.position);
    const [first, last] = [Math.min(...positions), Math.max(...positions)];
    const records = matched.length;
    const at = this.clock.now();
    await insertDisclosure(
      { disclosureId, subscriptionId, agreementId, agreementVersion, principal: receiver.id, first, last, records, at },
      tx,
    );
    const subjects = new Set(matched.flatMap(({ subject }) => (subject === undefined ? [] : [subject])));
    const subjectKeys = [...subjects].map((subject) => this.keys.subjectOf(datasetId, subject));
    await this.audit.record(
      {
        action: 'disclose',
        operation,
        outcome: 'done',
        actor: { id: receiver.id, kind: receiver.kind, department: receiver.department },
        datasetId,
        agreementId,
        agreementVersion,
        subscriptionId,
        purpose,
        legalBasis: agreement.terms.legalBasis,
        entity: `disclosure:${disclosureId}`,
        positions: { first, last },
        records,
        fields: [...this.lenses.of(agreement).fields],
        subjectKeys: subjectKeys.length > 0 ? subjectKeys : undefined,
        digest: digestOf(matched.map(({ row }) => row.digest)),
      },
      tx,
    );
    return disclosureId;
  }
}

async function readPage(request: DisclosureRequest, lens: Lens, subjectPointer: string | undefined, tx: EntityManager) {
  const { subscription, limit, until = Infinity } = request;
  const { filters } = subscription;
  const matched: Matched[] = [];
  let through = request.after;
  let scanned = 0;
  let bytes = 0;
  while (matched.length < limit && scanned < maxScanned && bytes < maxPageBytes) {
    const rows = await readLedger(subscription.datasetId, through, chunkRows, tx);
    for (const row of rows) {
      if (matched.length >= limit || bytes >= maxPageBytes || row.position > until) return { matched, through };
      through = row.position;
      scanned += 1;
      const data: unknown = JSON.parse(row.data);
      if (!lens.matches(data)) continue;
      const event = eventOf(subscription.datasetId, row, lens.project(data));
      // On what the lens left, so that a filter tells nothing that the page would not show.
      if (filters.length > 0 && !passes(filters, visibleTo(event))) continue;
      const subject = subjectPointer === undefined ? undefined : keyAt(data, subjectPointer);
      matched.push({ row, event, subject });
      bytes += row.data.length;
    }
    if (rows.length === 0) break;
  }
  return { matched, through };
}

// The bus's own envelope: nothing of the publisher's rides along beside what the lens lets through.
function eventOf(datasetId: string, row: LedgerRow, data: unknown): DeliveredEvent {
  return {
    specversion: '1.0',
    id: String(row.position),
    source: `/datasets/${datasetId}`,
    type: 'exchange.record-shared.v1',
    time: row.recordedAt.toISOString(),
    datacontenttype: 'application/json',
    sequence: String(row.position).padStart(16, '0'),
    data,
  };
}
