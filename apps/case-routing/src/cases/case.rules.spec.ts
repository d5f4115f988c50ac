import 'reflect-metadata';
import { type CaseStatus, caseStatuses, DomainError } from '@govbus/contracts';
import { type CaseHistory, type CaseState, dispatch, move, moves, sideOf } from './case.rules';

const now = new Date('2026-03-02T01:00:00Z');
const due = new Date('2026-03-09T01:00:00Z');
const aCase = (status: CaseStatus, more: Partial<CaseState> = {}): CaseState => ({
  caseId: 'c1',
  status,
  cellId: 'north',
  dispatchedAt: null,
  returns: 0,
  version: 3,
  ...more,
});
const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof DomainError) return error.code;
  }
  return 'allowed';
};
const attempt = (
  state: CaseState,
  to: CaseStatus,
  note: string | undefined = 'why',
  actorId = 'ann',
  maxReturns = 1,
  history: CaseHistory = [],
): string => codeOf(() => move(state, history, to, note, actorId, maxReturns));
/** Steps as `status by actor`. */
const historyOf = (...steps: `${CaseStatus} by ${string}`[]): CaseHistory =>
  steps.map((step) => {
    const [status, actorId] = step.split(' by ');
    return { status: status as CaseStatus, actorId: actorId ?? '' };
  });

describe('move', () => {
  it('walks a case through the seven stages', () => {
    let state = aCase('dispatched');
    for (const [to, actor] of [
      ['handling', 'unit'],
      ['feedback-given', 'unit'],
      ['inspecting', 'inspector'],
      ['closed', 'inspector'],
      ['evaluated', 'inspector'],
    ] as const)
      state = { ...state, ...move(state, [], to, undefined, actor, 1) };
    expect(state).toMatchObject({ status: 'evaluated', version: 8 });
  });

  it('refuses exactly the moves that the table does not name', () => {
    for (const from of caseStatuses)
      for (const to of caseStatuses)
        expect({ from, to, illegal: attempt(aCase(from), to) === 'case.illegal-move' }).toEqual({
          from,
          to,
          illegal: !moves[from].includes(to),
        });
  });

  it('leaves every status on the way to an end, and no end', () => {
    for (const status of caseStatuses) {
      const reached = new Set<CaseStatus>([status]);
      for (const next of reached) for (const to of moves[next]) reached.add(to);
      expect([...reached].some((end) => moves[end].length === 0)).toBe(true);
    }
    expect(caseStatuses.filter((status) => moves[status].length === 0)).toEqual([
      'evaluated',
      'not-accepted',
      'voided',
    ]);
  });

  it('does not dispatch without a unit', () => {
    expect(attempt(aCase('located'), 'dispatched')).toBe('case.needs-unit');
  });

  it('does not locate a case that has no cell, nor unlocate one that has', () => {
    expect(attempt(aCase('reported', { cellId: null }), 'located')).toBe('case.place-mismatch');
    expect(attempt(aCase('return-review', { cellId: null }), 'located')).toBe('case.place-mismatch');
    expect(attempt(aCase('return-review'), 'reported')).toBe('case.place-mismatch');
    expect(attempt(aCase('return-review', { cellId: null }), 'reported')).toBe('allowed');
  });

  it.each([
    ['dispatched', 'return-review'],
    ['located', 'not-accepted'],
    ['handling', 'voided'],
  ] as const)('asks for the reason of a move from %s to %s', (from, to) => {
    expect(codeOf(() => move(aCase(from), [], to, undefined, 'ann', 1))).toBe('case.reason-missing');
    expect(attempt(aCase(from), to)).toBe('allowed');
  });

  it('takes the unit and its clock off a returned case, and counts the return', () => {
    expect(move(aCase('return-review'), [], 'located', undefined, 'ann', 1)).toEqual({
      status: 'located',
      version: 4,
      unitId: null,
      dueAt: null,
      returns: 1,
    });
  });

  it('leaves unit and clock alone when the return is refused', () => {
    expect(move(aCase('return-review'), [], 'handling', undefined, 'ann', 1)).toEqual({
      status: 'handling',
      version: 4,
    });
  });

  it('does not return a case again once its returns were asked for, granted or refused', () => {
    const granted = historyOf('dispatched by router', 'return-review by uma', 'located by dora', 'dispatched by dora');
    const refused = historyOf('dispatched by router', 'return-review by uma', 'handling by dora');
    for (const history of [granted, refused]) {
      expect(attempt(aCase('handling'), 'return-review', 'why', 'uma', 1, history)).toBe('case.designated');
      expect(attempt(aCase('handling'), 'return-review', 'why', 'uma', 2, history)).toBe('allowed');
    }
    expect(attempt(aCase('handling'), 'return-review')).toBe('allowed');
  });

  describe('inspection', () => {
    const handled = historyOf('dispatched by router', 'handling by ann', 'feedback-given by bob');

    it('is never made, ended or sent back by one who handled the case, first or last', () => {
      const inspecting = [...handled, ...historyOf('inspecting by ines')];
      for (const actorId of ['ann', 'bob']) {
        const code = 'case.own-inspection';
        expect(attempt(aCase('feedback-given'), 'inspecting', 'why', actorId, 1, handled)).toBe(code);
        for (const to of ['closed', 'handling'] as const)
          expect(attempt(aCase('inspecting'), to, 'why', actorId, 1, inspecting)).toBe(code);
        expect(attempt(aCase('inspecting'), 'voided', 'why', actorId, 1, inspecting)).toBe('allowed');
      }
      expect(attempt(aCase('inspecting'), 'closed', 'why', 'ines', 1, inspecting)).toBe('allowed');
    });

    it('is not made by one who handled the case before it went to another unit', () => {
      const history = historyOf(
        'dispatched by router',
        'handling by ann',
        'return-review by ann',
        'located by dora',
        'dispatched by dora',
        'handling by bob',
        'feedback-given by bob',
      );
      expect(attempt(aCase('feedback-given'), 'inspecting', 'why', 'ann', 1, history)).toBe('case.own-inspection');
      expect(attempt(aCase('feedback-given'), 'inspecting', 'why', 'dora', 1, history)).toBe('allowed');
    });

    it('is made by one who refused a return or ordered rework: that is the centre, not handling', () => {
      const history = historyOf(
        'dispatched by router',
        'return-review by ann',
        'handling by dora',
        'feedback-given by ann',
        'inspecting by dora',
        'handling by dora',
        'feedback-given by ann',
      );
      expect(attempt(aCase('feedback-given'), 'inspecting', 'why', 'dora', 1, history)).toBe('allowed');
    });
  });
});

describe('sideOf', () => {
  it('leaves to the unit taking up, handling and handing back, and to the centre all else', () => {
    const ofUnit = caseStatuses.flatMap((from) =>
      moves[from].filter((to) => sideOf(from, to) === 'unit').map((to) => `${from} > ${to}`),
    );
    expect(ofUnit).toEqual([
      'dispatched > handling',
      'dispatched > return-review',
      'handling > return-review',
      'handling > feedback-given',
    ]);
  });
});

describe('dispatch', () => {
  it('starts the clocks at the first dispatch', () => {
    expect(dispatch(aCase('located'), 'patrol', due, now)).toEqual({
      status: 'dispatched',
      unitId: 'patrol',
      dueAt: due,
      dispatchedAt: now,
      version: 4,
    });
  });

  it('never resets the clock of the first dispatch', () => {
    const first = new Date('2026-02-01T00:00:00Z');
    expect(dispatch(aCase('located', { dispatchedAt: first, returns: 1 }), 'b', due, now).dispatchedAt).toBe(first);
  });

  it('refuses a case that is already with a unit or ended', () => {
    for (const status of ['dispatched', 'handling', 'closed', 'voided'] as const)
      expect(codeOf(() => dispatch(aCase(status), 'b', due, now))).toBe('case.illegal-move');
  });
});
