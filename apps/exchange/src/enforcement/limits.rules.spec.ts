import { Limited } from '@govbus/contracts';
import { grant, recordsLeft, type Usage } from './limits.rules';

const about = { agreementId: 'a', datasetId: 'animals', purpose: 'case-handling' };
const usage = (over: Partial<Usage> = {}): Usage => {
  return { accesses: 0, records: 0, minuteEndsIn: 17, dayEndsIn: 3_600, ...over };
};
function refusal(run: () => unknown): Limited {
  try {
    run();
  } catch (error) {
    if (error instanceof Limited) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('limits', () => {
  it('grant what is wanted while there is enough', () => {
    const limits = { accessesPerMinute: 3, recordsPerDay: 100 };
    expect(grant(limits, usage({ accesses: 2, records: 60 }), { accesses: 1, records: 40 }, about)).toBe(40);
    expect(grant({}, usage({ accesses: 9_999, records: 9_999 }), { accesses: 1, records: 40 }, about)).toBe(40);
  });

  it('cut a page to what is left of the day', () => {
    expect(grant({ recordsPerDay: 100 }, usage({ records: 97 }), { accesses: 1, records: 40 }, about)).toBe(3);
    expect(recordsLeft({ recordsPerDay: 100 }, usage({ records: 97 }))).toBe(3);
    expect(recordsLeft({ recordsPerDay: 100 }, usage({ records: 120 }))).toBe(0);
    expect(recordsLeft({ accessesPerMinute: 1 }, usage({ records: 97 }))).toBeUndefined();
  });

  it('refuse the access too many until the minute ends, and say which limit it is', () => {
    const limits = { accessesPerMinute: 2, recordsPerDay: 100 };
    const { code, kind, details } = refusal(() =>
      grant(limits, usage({ accesses: 2 }), { accesses: 1, records: 1 }, about),
    );
    expect({ code, kind }).toEqual({ code: 'agreement.limit-reached', kind: 'limited' });
    expect(details).toMatchObject({
      about,
      retryAfterSeconds: 17,
      explanation: { code: 'agreement.rate', attribute: 'agreement.terms.limits.accessesPerMinute', limit: 2 },
    });
  });

  it('refuse everything until the day ends when its records are used up, also where the minute is over as well', () => {
    const limits = { accessesPerMinute: 2, recordsPerDay: 100 };
    const { details } = refusal(() =>
      grant(limits, usage({ accesses: 2, records: 100 }), { accesses: 1, records: 1 }, about),
    );
    expect(details).toMatchObject({ retryAfterSeconds: 3_600, explanation: { code: 'agreement.volume', limit: 100 } });
  });

  it('do not count a further page as an access of its own', () => {
    expect(grant({ accessesPerMinute: 2 }, usage({ accesses: 2 }), { accesses: 0, records: 5 }, about)).toBe(5);
  });

  it('never tell to come back at once', () => {
    const { details } = refusal(() =>
      grant({ accessesPerMinute: 1 }, usage({ accesses: 1, minuteEndsIn: 0 }), { accesses: 1, records: 1 }, about),
    );
    expect(details.retryAfterSeconds).toBe(1);
  });

  it('together never give more than the day has, however pages follow each other', () => {
    let records = 0;
    for (const wanted of [30, 1, 50, 40, 7, 30])
      if (recordsLeft({ recordsPerDay: 100 }, usage({ records })))
        records += grant({ recordsPerDay: 100 }, usage({ records }), { accesses: 1, records: wanted }, about);
    expect(records).toBe(100);
  });
});
