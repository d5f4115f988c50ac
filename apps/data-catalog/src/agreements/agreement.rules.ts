import {
  type AgreementStatus,
  Conflict,
  type Fault,
  type FieldV1,
  Invalid,
  type OverScopeDetectedV1,
  type TermsV1,
} from '@govbus/contracts';
import { checkTerms } from '@govbus/policy';

export type AgreementMove = 'approve' | 'activate' | 'suspend' | 'resume' | 'revoke';

const moves: Record<AgreementMove, { from: AgreementStatus[]; to: AgreementStatus }> = {
  approve: { from: ['draft'], to: 'approved' },
  activate: { from: ['approved'], to: 'in-force' },
  suspend: { from: ['in-force'], to: 'suspended' },
  resume: { from: ['suspended'], to: 'in-force' },
  revoke: { from: ['draft', 'approved', 'in-force', 'suspended'], to: 'revoked' },
};

/** Whether the move stops what runs under the agreement: it is answered when it is in force everywhere (P5). */
export const isStop = (move: AgreementMove): boolean => move === 'suspend' || move === 'revoke';

/** Whether a stop is asked for again: the answer to the first may have been lost. */
export const isStoppedAlready = (move: AgreementMove, now: AgreementStatus): boolean =>
  isStop(move) && moves[move].to === now;

/** The status after `move`. Errors: `Conflict` `agreement.move-impossible`; revoked is final. */
export function statusAfter(move: AgreementMove, now: AgreementStatus): AgreementStatus {
  const { from, to } = moves[move];
  if (!from.includes(now))
    throw new Conflict('agreement.move-impossible', `the agreement is ${now}: it cannot ${move}`);
  return to;
}

/**
 * Whether use beyond the agreement suspends it: its terms say so, and nobody has decided about it since. An officer who
 * resumed it knew of the use, and is not to be overruled by a message that comes late.
 */
export const isSuspendedBy = (
  { status, terms, version }: { status: AgreementStatus; terms: TermsV1; version: number },
  { agreementVersion }: Pick<OverScopeDetectedV1, 'agreementVersion'>,
): boolean => terms.onOverScope === 'suspend' && status === 'in-force' && agreementVersion >= version;

/** Why, for the audit log. */
export const overScopeReason = ({ kind, limit, seenAt }: OverScopeDetectedV1): string =>
  `use beyond the agreement (${kind}${limit === undefined ? '' : `, limit ${limit}`}), seen by the exchange at ${seenAt}`;

/** Most bytes of the granted pointers as JSON: each disclosure names them, beside its subjects, in one entry of the log. */
const maxFieldsBytes = 32_768;
// RFC 3339, or a day, which begins at midnight UTC; within the years, offsets and fractions that every reader of terms
// takes, PostgreSQL among them.
const moment = /^[1-9]\d{3}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-](0\d|1[0-4]):[0-5]\d))?$/;

/** Refuses terms that cannot be kept: over the dataset's fields, over a real period, and small enough to be recorded. */
export function requireTerms(terms: TermsV1, fields: FieldV1[]): void {
  const faults: Fault[] = checkTerms(terms, fields);
  for (const name of ['validFrom', 'validTo'] as const)
    if (!moment.test(terms[name]) || Number.isNaN(Date.parse(terms[name])))
      faults.push({
        pointer: `/${name}`,
        code: 'time.not-a-moment',
        detail: 'must be a time with its offset, or a day',
      });
  if (Buffer.byteLength(JSON.stringify(terms.fields)) > maxFieldsBytes)
    faults.push({
      pointer: '/fields',
      code: 'fields.too-long',
      detail: `have at most ${maxFieldsBytes} bytes together`,
    });
  if (faults.length > 0)
    throw new Invalid('terms.invalid', 'the terms do not fit the dataset', {
      faults: faults.slice(0, 100).map((fault) => ({ ...fault, pointer: `/terms${fault.pointer}` })),
    });
}
