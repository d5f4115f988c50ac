import 'reflect-metadata';
import { type CaseStatus, caseStatuses, DomainError } from '@govbus/contracts';
import { type CaseState, dispatch, move, moves, sideOf } from './case.rules';

const now = new Date('2026-03-02T01:00:00Z');
const due = new Date('2026-03-09T01:00:00Z');
const aCase = (status: CaseStatus, more: Partial<CaseState> = {}): CaseState => ({
  caseId: 'c1',
  status,
  cellId: 'north',
  dispatchedAt: null,
  returns: 0,
  handledBy: null,
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
): string => codeOf(() => move(state, to, note, actorId, maxReturns));

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
      state = { ...state, ...move(state, to, undefined, actor, 1) };
    expect(state).toMatchObject({ status: 'evaluated', version: 8, handledBy: 'unit' });
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
    expect(codeOf(() => move(aCase(from), to, undefined, 'ann', 1))).toBe('case.reason-missing');
    expect(attempt(aCase(from), to)).toBe('allowed');
  });

  it('takes the unit and its clock off a returned case, and counts the return', () => {
    expect(move(aCase('return-review'), 'located', undefined, 'ann', 1)).toEqual({
      status: 'located',
      version: 4,
      unitId: null,
      dueAt: null,
      handledBy: null,
      returns: 1,
    });
  });

  it('leaves unit and clock alone when the return is refused', () => {
    expect(move(aCase('return-review'), 'handling', undefined, 'ann', 1)).toEqual({ status: 'handling', version: 4 });
  });

  it('does not return a case again once its returns are used up', () => {
    expect(attempt(aCase('dispatched', { returns: 1 }), 'return-review')).toBe('case.designated');
    expect(attempt(aCase('dispatched', { returns: 1 }), 'return-review', 'why', 'ann', 2)).toBe('allowed');
  });

  it('never lets the handler inspect, close or rework the case', () => {
    const inspecting = aCase('inspecting', { handledBy: 'ann' });
    expect(attempt(aCase('feedback-given', { handledBy: 'ann' }), 'inspecting')).toBe('case.own-inspection');
    expect(attempt(inspecting, 'closed')).toBe('case.own-inspection');
    expect(attempt(inspecting, 'handling')).toBe('case.own-inspection');
    expect(attempt(inspecting, 'closed', undefined, 'bob')).toBe('allowed');
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
