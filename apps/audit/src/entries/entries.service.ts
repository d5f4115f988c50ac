import { type AuditEntryV1, Invalid, NotFound, Unavailable } from '@govbus/contracts';
import { actorOf, Audit, type Caller, Turns } from '@govbus/platform';
import { inclusionProof, leafHash } from '@govbus/tlog';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AppConfig } from '../app.config';
import { LogKeys } from '../log/log-keys';
import { hashesFrom } from '../log/tiles.sql';
import type { EntriesSearch, EntryResponse, ProofResponse } from './entries.dto';
import { searchOf } from './entries.sql';

type Row = { index: string; body: string };
type About = Pick<
  AuditEntryV1,
  'datasetId' | 'agreementId' | 'subscriptionId' | 'caseReference' | 'entity' | 'subjectKeys'
>;

// PostgreSQL's code for what ran into `statement_timeout`.
const queryCanceled = '57014';
/** Searches that an office does at once: each holds a connection, which the log's writer needs as well. */
const maxSearches = 4;

/** Search and proofs. Reading the log is an access too: each search leaves an entry of its own (P2). */
@Injectable()
export class EntriesService {
  private readonly turns = new Turns(maxSearches);

  constructor(
    private readonly db: DataSource,
    private readonly audit: Audit,
    private readonly keys: LogKeys,
    private readonly config: AppConfig,
  ) {}

  /**
   * Newest first; one row more than asked for.
   *
   * Errors: `Invalid` `search.too-long` after `SEARCH_SECONDS`; `Unavailable` `search.busy`.
   */
  search(search: EntriesSearch, caller: Caller): Promise<EntryResponse[]> {
    const subjectKey = this.subjectKeyOf(search);
    const query = searchOf(search, subjectKey);
    if (!this.turns.hasRoom(caller.department))
      throw new Unavailable('search.busy', 'too many searches of the department wait already', {
        retryAfterSeconds: 1,
      });
    return this.turns.take(caller.department, () =>
      this.db.transaction(async (tx) => {
        const rows = await this.rowsOf(query, tx);
        const records = Math.min(rows.length, search.limit);
        await this.record('audit:search', caller, records, askedFor(search, subjectKey), tx);
        return rows.map(viewOf);
      }),
    );
  }

  private async rowsOf({ sql, values }: ReturnType<typeof searchOf>, tx: EntityManager): Promise<Row[]> {
    const { SEARCH_SECONDS } = this.config;
    await tx.query(`SET LOCAL statement_timeout = '${SEARCH_SECONDS}s'`);
    try {
      return await tx.query<Row[]>(sql, values);
    } catch (error) {
      if ((error as { code?: string }).code !== queryCanceled) throw error;
      throw new Invalid(
        'search.too-long',
        `no answer in ${SEARCH_SECONDS} s: narrow the search with \`from\` and \`to\`, or name whom or what it is about`,
        { cause: error },
      );
    }
  }

  show(entryId: string, caller: Caller): Promise<EntryResponse> {
    return this.db.transaction(async (tx) => {
      const row = await find(entryId, tx);
      await this.record('audit:show', caller, 1, { entity: entityOf(row) }, tx);
      return viewOf(row);
    });
  }

  /** Entry, path and checkpoint of one moment. */
  proof(entryId: string, caller: Caller): Promise<ProofResponse> {
    return this.db.transaction('REPEATABLE READ', async (tx) => {
      const row = await find(entryId, tx);
      const { index: place, body } = row;
      const [state] = await tx.query<{ size: string; checkpoint: string }[]>('SELECT size, checkpoint FROM log_state');
      const [index, treeSize] = [Number(place), Number(state?.size)];
      const path = await inclusionProof(index, treeSize, hashesFrom(tx));
      await this.record('audit:prove', caller, 1, { entity: entityOf(row) }, tx);
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

  private subjectKeyOf({ subject, datasetId, subjectKey }: EntriesSearch): string | undefined {
    if (subject === undefined) return subjectKey;
    if (datasetId === undefined) throw new Invalid('search.dataset-missing', 'a search by `subject` needs `datasetId`');
    return this.keys.subjectOf(datasetId, subject);
  }

  private record(operation: string, caller: Caller, records: number, about: About, tx: EntityManager): Promise<void> {
    const entry = { action: 'disclose' as const, operation, outcome: 'done' as const, actor: actorOf(caller), records };
    return this.audit.record({ ...entry, ...about }, tx);
  }
}

// What the auditor asked about, so that a look at one person or case can be told from a look at another. A person
// appears as the keyed hash alone.
function askedFor(search: EntriesSearch, subjectKey: string | undefined): About {
  const { datasetId, agreementId, subscriptionId, caseReference, entity } = search;
  return {
    ...(datasetId && { datasetId }),
    ...(agreementId && { agreementId }),
    ...(subscriptionId && { subscriptionId }),
    ...(caseReference && { caseReference }),
    ...(entity && { entity }),
    ...(subjectKey && { subjectKeys: [subjectKey] }),
  };
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
const entityOf = (row: Row): string => `entry:${viewOf(row).entryId}`;
