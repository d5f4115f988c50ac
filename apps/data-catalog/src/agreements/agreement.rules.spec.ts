import type { AgreementStatus } from '@govbus/contracts';
import { type AgreementMove, statusAfter } from './agreement.rules';

const statuses: AgreementStatus[] = ['draft', 'approved', 'in-force', 'suspended', 'revoked'];
const possible: Record<AgreementMove, Partial<Record<AgreementStatus, AgreementStatus>>> = {
  approve: { draft: 'approved' },
  activate: { approved: 'in-force' },
  suspend: { 'in-force': 'suspended' },
  resume: { suspended: 'in-force' },
  revoke: { draft: 'revoked', approved: 'revoked', 'in-force': 'revoked', suspended: 'revoked' },
};

describe('statusAfter', () => {
  it.each(
    (Object.keys(possible) as AgreementMove[]).flatMap((move) =>
      statuses.map((now) => [move, now, possible[move][now]] as const),
    ),
  )('%s from %s', (move, now, to) => {
    if (to) expect(statusAfter(move, now)).toBe(to);
    else expect(() => statusAfter(move, now)).toThrow(`the agreement is ${now}`);
  });
});
