import { createHash } from 'node:crypto';
import { Invalid } from '@govbus/contracts';
import { type Caller, Turns } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { keyAt } from '../datasets/pointer';
import { type Access, Disclosures, type Found } from '../delivery/disclosure';
import { readLatestByKey } from '../delivery/disclosure.sql';
import { Keys } from '../delivery/keys';
import { matchOf, readLatestPage, type Source } from '../delivery/page-reader';
import { ReceiveDecisions } from '../delivery/receive-decisions';
import { keepTurn, requireTurn } from '../in-turn';
import type { QueryResponse, RunQueryRequest } from './queries.dto';
import { askedOf, compileConditions, type Condition, isShownPlain, readQuestion, requireGranted } from './query.rules';

/** Queries of a department at once: of the connections to the database others need some as well. */
const maxQueries = 4;

/** The latest records for those who ask: by key, or by what granted fields hold. */
@Injectable()
export class QueriesService {
  private readonly turns = new Turns(maxQueries);

  constructor(
    private readonly disclosures: Disclosures,
    private readonly decisions: ReceiveDecisions,
    private readonly keys: Keys,
  ) {}

  /**
   * One page of the answer. `onGone` is handed what to call when it was taken or the client has gone away: so long the
   * turn lasts, as an answer that nobody reads stays in memory.
   *
   * Errors: `Forbidden` `decision.denied`; `Invalid` `query.invalid`, `query.field-not-granted`,
   *   `query.key-not-granted`, `cursor.invalid` for a cursor of another question or agreement; `Unavailable`
   *   `delivery.busy`.
   */
  async run(request: RunQueryRequest, caller: Caller, onGone: (callback: () => void) => void): Promise<QueryResponse> {
    const { agreementId, purpose, limit } = request;
    // What is optional may be null as well, which is as good as absent.
    const [caseReference, cursor] = [request.caseReference ?? undefined, request.cursor ?? undefined];
    const question = readQuestion(request);
    const boundTo = `query|${agreementId}|${createHash('sha256').update(JSON.stringify(question)).digest('base64url')}`;
    const afterKey = cursor === undefined ? undefined : this.keys.openCursor(cursor, boundTo);
    const read = (source: Source, tx: EntityManager): Promise<Found> =>
      'key' in question
        ? readByKey(source, question.key, tx)
        : readWhere(source, question.where, { afterKey, limit }, tx);
    const { turns } = this;
    const { department } = caller;
    requireTurn(turns, department);
    const page = await keepTurn({ turns, department, onGone }, () => {
      const [receiver, mode, operation] = [this.decisions.receiverOf(caller), 'query', 'queries:run'] as const;
      const access: Access = { agreementId, purpose, mode, receiver, operation, caseReference };
      return this.disclosures.discloseTo(access, { read });
    });
    const { disclosureId, events, hasMore } = page;
    const nextCursor = page.afterKey === undefined ? undefined : this.keys.sealCursor(page.afterKey, boundTo);
    return { disclosureId, events, nextCursor, hasMore };
  }
}

async function readByKey(source: Source, key: string, tx: EntityManager): Promise<Found> {
  const { agreement, dataset } = source;
  if (!dataset || !isShownPlain(dataset.keyPointer, agreement.terms))
    throw new Invalid('query.key-not-granted', 'the agreement does not show the key of the dataset as it is');
  const { keyPointer, dataSubjectPointer } = dataset;
  const row = await readLatestByKey(agreement.datasetId, key, tx);
  const found = row && matchOf(source, row);
  // What the record shows is what was asked for, or there is no answer.
  const matched = found && keyAt(found.event.data, keyPointer) === key ? [found] : [];
  return { matched, hasMore: false, askedAbout: keyPointer === dataSubjectPointer ? key : undefined };
}

async function readWhere(
  source: Source,
  conditions: Condition[],
  bounds: { afterKey?: string; limit: number },
  tx: EntityManager,
): Promise<Found> {
  const { terms } = source.agreement;
  requireGranted(conditions, terms);
  const meets = compileConditions(conditions);
  const page = await readLatestPage(source, { ...bounds, isWanted: ({ data }) => meets(data) }, tx);
  const { matched, afterKey } = page;
  const subjectPointer = source.dataset?.dataSubjectPointer ?? undefined;
  const isAsked = subjectPointer !== undefined && isShownPlain(subjectPointer, terms);
  const askedAbout = isAsked ? askedOf(conditions, subjectPointer) : undefined;
  return { matched, afterKey, hasMore: afterKey !== undefined, askedAbout };
}
