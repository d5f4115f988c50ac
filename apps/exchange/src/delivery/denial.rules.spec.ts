import { denialOf } from './denial.rules';

const agreement = { consumerDepartment: 'a' };
const denial = {
  allowed: false as const,
  explanation: {
    code: 'agreement.not-in-force',
    policy: 'receive-in-force',
    attribute: 'agreement.status',
    needed: 'an agreement in force',
    detail: 'the agreement is not in force',
  },
};
const about = { agreementId: 'b' };

describe('the refusal of a use', () => {
  it('is explained to the department of the agreement', () => {
    const refusal = denialOf(agreement, { department: 'a' }, denial, about);
    expect(refusal).toMatchObject({ kind: 'forbidden', code: 'decision.denied', message: denial.explanation.detail });
    expect(refusal.details).toEqual({ explanation: denial.explanation, about });
  });

  it('tells another department as much as if there were no such agreement', () => {
    const refusal = denialOf(agreement, { department: 'c' }, denial, about);
    const ofNone = denialOf(null, { department: 'c' }, undefined, about);
    expect([refusal.message, refusal.details]).toEqual([ofNone.message, ofNone.details]);
    expect(refusal.details.explanation).toMatchObject({ code: 'agreement.unknown' });
  });
});
