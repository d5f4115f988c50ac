import { Forbidden, NotFound } from '@govbus/contracts';
import { type Caller, Principals, Turns } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Datasets } from '../datasets/datasets';
import { inTurn } from '../in-turn';
import { RecentAcceptances } from '../ingest/recent-acceptances';
import { DeliveriesOfEvents } from './event-deliveries';
import { firstKept } from './ledger-reads.sql';
import type { EventStatusQuery, EventStatusResponse, LedgerResponse } from './ledger.dto';

type Found = {
  datasetId: string;
  position: string | null;
  recordedAt: Date;
  duplicates: string | null;
  lastDuplicateAt: Date | null;
};

/** Events of the department with one source and id that are looked at. */
const maxAlike = 200;
/** Questions of a department at once: of the connections to the database others need some as well. */
const maxQuestions = 3;

// Those of the department are found before any are left off: others use the same source and id as often as they like.
// INVARIANT: who publishes for it is who `departmentOf` says.
const publishers = 'SELECT $4 AS id UNION SELECT principal_id FROM principals WHERE department_code = $5';
const isAskedFor = 'source = $1 AND event_id = $2 AND ($3::text IS NULL OR dataset_id = $3)';
const storedSql = `
  SELECT dataset_id AS "datasetId", position, recorded_at AS "recordedAt", times AS duplicates,
         last_at AS "lastDuplicateAt"
    FROM event_ids JOIN events USING (dataset_id, position, source, event_id)
    LEFT JOIN event_duplicates USING (dataset_id, source, event_id)
   WHERE ${isAskedFor} AND events.period = period_of(dataset_id, position) AND publisher IN (${publishers})
   ORDER BY recorded_at DESC LIMIT ${maxAlike}`;
// Each publisher by itself, along the index: of one source and id somebody else may have made millions. Exported for the
// spec that reads its plan.
export const conflictsSql = `
  SELECT conflict.* FROM (${publishers}) own
   CROSS JOIN LATERAL (
         SELECT dataset_id AS "datasetId", NULL AS position, recorded_at AS "recordedAt" FROM event_conflicts conflict
          WHERE ${isAskedFor} AND publisher = own.id
            AND NOT EXISTS (SELECT 1 FROM event_ids stored
                             WHERE (stored.dataset_id, stored.source, stored.event_id, stored.digest)
                                 = (conflict.dataset_id, conflict.source, conflict.event_id, conflict.digest))
          ORDER BY recorded_at DESC LIMIT ${maxAlike}) conflict
   ORDER BY "recordedAt" DESC LIMIT ${maxAlike}`;

const byTime = (a: Found, b: Found): number => b.recordedAt.getTime() - a.recordedAt.getTime();

/** What publishers may ask the ledger. */
@Injectable()
export class LedgerService {
  private readonly turns = new Turns(maxQuestions);

  constructor(
    private readonly db: DataSource,
    private readonly datasets: Datasets,
    private readonly principals: Principals,
    private readonly recent: RecentAcceptances,
    private readonly deliveries: DeliveriesOfEvents,
  ) {}

  /**
   * What became of an event of the caller's department, and to whom it went; those of others are unknown to it.
   *
   * Errors: `Unavailable` `delivery.busy`.
   */
  statusOf(query: EventStatusQuery, caller: Caller): Promise<EventStatusResponse> {
    return inTurn(this.turns, caller.department, () => this.find(query, caller));
  }

  private async find({ source, id, dataset }: EventStatusQuery, caller: Caller): Promise<EventStatusResponse> {
    const asked = [source, id, dataset, caller.id, caller.department];
    const stored = await this.db.query<Found[]>(storedSql, asked);
    const conflicts = await this.db.query<Found[]>(conflictsSql, asked);
    // Of the dataset of the newest; there a conflict is the news.
    const [newest] = [...stored, ...conflicts].toSorted(byTime);
    const isMeant = (found: Found): boolean => found.datasetId === newest?.datasetId;
    const [conflict, event] = [conflicts.find(isMeant), stored.find(isMeant)];
    const found = conflict ?? event;
    if (!found) return this.acceptedOrUnknown({ source, id, dataset }, caller);
    const position = event?.position ? Number(event.position) : undefined;
    return {
      status: conflict ? 'conflict' : 'stored',
      datasetId: found.datasetId,
      position,
      recordedAt: found.recordedAt.toISOString(),
      ...(event && {
        duplicates: Number(event.duplicates ?? 0),
        lastDuplicateAt: event.lastDuplicateAt?.toISOString(),
      }),
      ...(event && position !== undefined && (await this.deliveries.of({ ...event, position }))),
    };
  }

  private acceptedOrUnknown({ source, id, dataset }: EventStatusQuery, caller: Caller): EventStatusResponse {
    const accepted = this.recent.find(
      (entry) =>
        entry.id === id &&
        entry.source === source &&
        (dataset === undefined || entry.datasetId === dataset) &&
        this.departmentOf(entry.publisher, caller) === caller.department,
    );
    if (!accepted) return { status: 'unknown' };
    const { datasetId, recordedAt } = accepted;
    return { status: 'accepted', datasetId, recordedAt };
  }

  /** How far the ledger of a dataset is; for those who own it or may publish to it, and administrators. */
  async ledgerOf(datasetId: string, caller: Caller): Promise<LedgerResponse> {
    const dataset = await this.datasets.find(datasetId);
    if (!dataset) throw new NotFound('dataset.unknown', `there is no dataset \`${datasetId}\``);
    const { responsibleDepartment, publishers } = dataset.copy;
    const concerns =
      caller.scopes.includes('admin') ||
      responsibleDepartment === caller.department ||
      publishers.some((publisher) => this.departmentOf(publisher, caller) === caller.department);
    if (!concerns)
      throw new Forbidden(
        'decision.denied',
        'the dataset is neither owned nor published by the department of the caller',
      );
    const [head] = await this.db.query<
      { last_position: string; records: string; conflicts: string; removed: string | null }[]
    >(
      `SELECT last_position, records, conflicts, removed
         FROM dataset_heads LEFT JOIN dataset_retention USING (dataset_id) WHERE dataset_id = $1`,
      [datasetId],
    );
    const lastPosition = Number(head?.last_position ?? 0);
    const [records, conflicts] = [Number(head?.records ?? 0), Number(head?.conflicts ?? 0)];
    const firstPosition = (await firstKept(datasetId, this.db.manager)) ?? lastPosition + 1;
    // Positions are dense, so the last one is also how many there were.
    const events = lastPosition - Number(head?.removed ?? 0);
    return { datasetId, firstPosition, lastPosition, events, records, conflicts };
  }

  private departmentOf(principalId: string, caller: Caller): string | undefined {
    return principalId === caller.id ? caller.department : this.principals.get(principalId)?.departmentCode;
  }
}
