import { type CaseStatus, Conflict, Forbidden, Invalid } from '@govbus/contracts';
import type { CaseRecord, CaseStep } from './case.entity';

/** What the rules need to know of a case. */
export type CaseState = Pick<CaseRecord, 'caseId' | 'status' | 'cellId' | 'dispatchedAt' | 'returns' | 'version'>;
/** The steps of a case so far, in order. */
export type CaseHistory = readonly Pick<CaseStep, 'status' | 'actorId'>[];
/** What a step changes. */
export type CaseChange = Partial<Omit<CaseRecord, 'caseId'>> & { status: CaseStatus; version: number };

/** The legal moves; a status without any is an end. */
export const moves: Record<CaseStatus, readonly CaseStatus[]> = {
  reported: ['located', 'dispatched', 'not-accepted', 'voided'],
  located: ['dispatched', 'not-accepted', 'voided'],
  dispatched: ['handling', 'return-review', 'voided'],
  handling: ['return-review', 'feedback-given', 'voided'],
  'return-review': ['reported', 'located', 'handling', 'voided'],
  'feedback-given': ['inspecting', 'voided'],
  inspecting: ['handling', 'closed', 'voided'],
  closed: ['evaluated'],
  evaluated: [],
  'not-accepted': [],
  voided: [],
};
/** What the unit does with a case that it has; all else is the centre's. */
const unitSteps: readonly CaseStatus[] = ['handling', 'return-review', 'feedback-given'];
const heldByCentre: readonly CaseStatus[] = ['return-review', 'inspecting'];
const needsReason: readonly CaseStatus[] = ['return-review', 'not-accepted', 'voided'];

/** Whose move it is: the unit's, which handles the case, or the centre's, which dispatches, hears returns and inspects. */
export const sideOf = (from: CaseStatus, to: CaseStatus): 'unit' | 'centre' =>
  unitSteps.includes(to) && !heldByCentre.includes(from) ? 'unit' : 'centre';

/** Whether the person took up or handled the case for any unit that had it; what the centre decides does not count. */
export const hasHandled = (history: CaseHistory, actorId: string): boolean =>
  history.some(({ status, actorId: takenBy }, i) => {
    const from = history[i - 1]?.status;
    const isHandling = status === 'handling' || status === 'feedback-given';
    return takenBy === actorId && isHandling && from !== undefined && sideOf(from, status) === 'unit';
  });

/**
 * A move made by a person or a system.
 *
 * Errors: `Conflict` `case.illegal-move`, `case.needs-unit` (dispatching names a unit), `case.place-mismatch`,
 *   `case.designated` (its returns were asked for); `Invalid` `case.reason-missing`; `Forbidden` `case.own-inspection`.
 */
export function move(
  state: CaseState,
  history: CaseHistory,
  to: CaseStatus,
  note: string | undefined,
  actorId: string,
  maxReturns: number,
): CaseChange {
  requireLegal(state, to);
  if (to === 'dispatched') throw new Conflict('case.needs-unit', 'a case is dispatched to a unit, not merely moved');
  // Without a cell a case waits as reported, with one as located; a person cannot give it a cell.
  if ((to === 'located' && !state.cellId) || (to === 'reported' && state.cellId))
    throw new Conflict('case.place-mismatch', `case \`${state.caseId}\` has ${state.cellId ? 'a' : 'no'} grid cell`);
  if (needsReason.includes(to) && !note?.trim())
    throw new Invalid('case.reason-missing', `a move to \`${to}\` needs a note with its reason`);
  // Refused requests count too: else one unit could keep the case from being handled without end.
  if (to === 'return-review' && history.filter(({ status }) => status === 'return-review').length >= maxReturns)
    throw new Conflict('case.designated', `a return of case \`${state.caseId}\` was heard: its unit is designated`);
  const isInspection = to === 'inspecting' || state.status === 'inspecting';
  if (isInspection && to !== 'voided' && hasHandled(history, actorId))
    throw new Forbidden('case.own-inspection', 'who handled a case does not inspect it');
  return { status: to, version: state.version + 1, ...effectsOf(state, to) };
}

function effectsOf(state: CaseState, to: CaseStatus): Partial<CaseChange> {
  if (state.status === 'return-review' && to !== 'handling' && to !== 'voided')
    return { unitId: null, dueAt: null, returns: state.returns + 1 };
  return {};
}

/** Dispatch to a unit by a dispatcher: the unit's clock starts now, the citizen's at the first dispatch. */
export function dispatch(state: CaseState, unitId: string, dueAt: Date, now: Date): CaseChange {
  requireLegal(state, 'dispatched');
  return { status: 'dispatched', unitId, dueAt, dispatchedAt: state.dispatchedAt ?? now, version: state.version + 1 };
}

function requireLegal({ caseId, status }: CaseState, to: CaseStatus): void {
  if (!moves[status].includes(to))
    throw new Conflict('case.illegal-move', `case \`${caseId}\` is ${status} and cannot become ${to}`);
}
