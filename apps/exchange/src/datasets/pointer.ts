import { leadsOn, stepsOf, valueAt } from '@govbus/contracts';

const maxKnown = 10_000;
const known = new Map<string, readonly string[]>();

/**
 * The steps of a pointer of a dataset or an agreement, taken apart once: the same few are asked of every record. None
 * that a caller chose comes here, because what is remembered is bounded by its count alone.
 */
export function knownSteps(pointer: string): readonly string[] {
  const found = known.get(pointer);
  if (found) return found;
  const steps = stepsOf(pointer);
  if (known.size >= maxKnown) known.clear();
  known.set(pointer, steps);
  return steps;
}

/** A record with nothing but the value at `pointer`; empty when there is none. Elements of arrays before it are null. */
export function onlyAt(root: unknown, pointer: string): unknown {
  const copy = (value: unknown, steps: readonly string[]): unknown => {
    const [step, ...rest] = steps;
    if (step === undefined) return value;
    if (!leadsOn(value, step)) return undefined;
    const inner = copy(value[step], rest);
    if (inner === undefined) return undefined;
    return Array.isArray(value)
      ? [...Array<null>(Number(step)).fill(null), inner]
      : Object.fromEntries([[step, inner]]);
  };
  return copy(root, knownSteps(pointer)) ?? {};
}

/** A key found in a record as text; undefined unless it is a non-empty string, a number or a boolean. */
export function keyAt(root: unknown, pointer: string): string | undefined {
  const value = valueAt(root, knownSteps(pointer));
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
