import { type AuditEntryV1, Invalid, NotFound } from '@govbus/contracts';
import { actorOf, Audit, type Caller, readCursor } from '@govbus/platform';
import { inclusionProof, leafHash } from '@govbus/tlog';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { LogKeys } from '../log/log-keys';
import { hashesFrom } from '../log/tiles.sql';
import { momentOf } from './entries.rules';
import type { EntriesSearch, EntryResponse, ProofResponse } from './entries.dto';

type Row = { index: string; body: string };

/** Search and proofs. Reading the log is an access too: each search leaves an entry of its own (P2). */
@Injectable()
export class EntriesService {
  constructor(
    private readonly db: DataSource,
    private readonly audit: Audit,
    private readonly keys: LogKeys,
  ) {}

  /** Newest first; one row more than asked for. */
  search(search: EntriesSearch, caller: Caller): Promise<EntryResponse[]> {
    const { sql, values } = this.queryOf(search);
    return this.db.transaction(async (tx) => {
      const rows = await tx.query<Row[]>(sql, values);
      await this.record('audit:search', caller, Math.min(rows.length, search.limit), search.datasetId, tx);
      return rows.map(viewOf);
    });
  }

  show(entryId: string, caller: Caller): Promise<EntryResponse> {
    return this.db.transaction(async (tx) => {
      const row = await find(entryId, tx);
      await this.record('audit:show', caller, 1, undefined, tx);
      return viewOf(row);
    });
  }

  /** Entry, path and checkpoint of one moment. */
  proof(entryId: string, caller: Caller): Promise<ProofResponse> {
    return this.db.transaction('REPEATABLE READ', async (tx) => {
      const { index: place, body } = await find(entryId, tx);
      const [state] = await tx.query<{ size: string; checkpoint: string }[]>('SELECT size, checkpoint FROM log_state');
      const [index, treeSize] = [Number(place), Number(state?.size)];
      const path = await inclusionProof(index, treeSize, hashesFrom(tx));
      await this.record('audit:prove', caller, 1, undefined, tx);
      return {
        entryId,
        index,
        leafHash: leafHash(Buffer.from(body)).toString('base64'),
        entry: body,
        treeSize,
        hashes: path.map((hash) => hash.toString('base64')),
        checkpoint: state?.checkpoint ?? '',
      };
    });
  }

  private queryOf(search: EntriesSearch): { sql: string; values: unknown[] } {
    const { limit, cursor, subject, datasetId } = search;
    if (subject !== undefined && datasetId === undefined)
      throw new Invalid('search.dataset-missing', 'a search by `subject` needs `datasetId`');
    const subjectKey =
      subject === undefined || !datasetId ? search.subjectKey : this.keys.subjectOf(datasetId, subject);
    const before = readCursor(cursor, 1)?.[0];
    if (before !== undefined && !Number.isSafeInteger(before))
      throw new Invalid('cursor.invalid', 'the cursor is not one that this list gave out');
    const conditions: [string, unknown][] = [
      ['index < ?', before],
      ['actor_id = ?', search.actor],
      ['dataset_id = ?', datasetId],
      ['agreement_id = ?', search.agreementId],
      ['subscription_id = ?', search.subscriptionId],
      ['subject_keys @> ARRAY[?::text]', subjectKey],
      ["body::jsonb ->> 'entity' = ?", search.entity],
      ["body::jsonb ->> 'caseReference' = ?", search.caseReference],
      ["body::jsonb ->> 'traceId' = ?", search.traceId],
      ['action = ?', search.action],
      ['outcome = ?', search.outcome],
      ['time >= ?', search.from && momentOf('from', search.from)],
      ['time < ?', search.to && momentOf('to', search.to)],
    ];
    const given = conditions.filter(([, value]) => value !== undefined);
    const where = given.map(([condition], i) => condition.replace('?', `$${i + 2}`)).join(' AND ');
    return {
      sql: `SELECT index, body FROM entries ${where && `WHERE ${where}`} ORDER BY index DESC LIMIT $1`,
      values: [limit + 1, ...given.map(([, value]) => value)],
    };
  }

  private record(
    operation: string,
    caller: Caller,
    records: number,
    datasetId: string | undefined,
    tx: EntityManager,
  ): Promise<void> {
    const entry = { action: 'disclose' as const, operation, outcome: 'done' as const, actor: actorOf(caller), records };
    return this.audit.record({ ...entry, ...(datasetId && { datasetId }) }, tx);
  }
}

async function find(entryId: string, tx: EntityManager): Promise<Row> {
  const [row] = await tx.query<Row[]>('SELECT index, body FROM entries WHERE entry_id = $1', [entryId]);
  if (!row) throw new NotFound('entry.unknown', `there is no entry \`${entryId}\` in the log (yet)`);
  return row;
}
const viewOf = ({ index, body }: Row): EntryResponse => ({
  ...(JSON.parse(body) as AuditEntryV1),
  index: Number(index),
});
