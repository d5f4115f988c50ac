import { type AgreementStatus, Conflict } from '@govbus/contracts';

export type AgreementMove = 'approve' | 'activate' | 'suspend' | 'resume' | 'revoke';

const moves: Record<AgreementMove, { from: AgreementStatus[]; to: AgreementStatus }> = {
  approve: { from: ['draft'], to: 'approved' },
  activate: { from: ['approved'], to: 'in-force' },
  suspend: { from: ['in-force'], to: 'suspended' },
  resume: { from: ['suspended'], to: 'in-force' },
  revoke: { from: ['draft', 'approved', 'in-force', 'suspended'], to: 'revoked' },
};

/** The status after `move`. Errors: `Conflict` `agreement.move-impossible`; revoked is final. */
export function statusAfter(move: AgreementMove, now: AgreementStatus): AgreementStatus {
  const { from, to } = moves[move];
  if (!from.includes(now))
    throw new Conflict('agreement.move-impossible', `the agreement is ${now}: it cannot ${move}`);
  return to;
}
